package dev.warmgate.app;

import dev.warmgate.engine.ModelCatalog;
import dev.warmgate.proxy.Models;
import org.jspecify.annotations.Nullable;

/** What engines say about their models, for who asks the front door. Any thread. */
record ServedModels(ModelCatalog catalog) implements Models {
    @Override
    public byte[] list(boolean forAnthropic) {
        return forAnthropic ? catalog.anthropicList() : catalog.openAiList();
    }

    @Override
    public byte @Nullable [] find(String id, boolean forAnthropic) {
        return forAnthropic ? catalog.anthropicModel(id) : catalog.openAiModel(id);
    }
}
