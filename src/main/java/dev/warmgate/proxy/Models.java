package dev.warmgate.proxy;

import org.jspecify.annotations.Nullable;

/** The models that are served, as clients may ask for them. Called on event loops: must not block. Any thread. */
public interface Models {
    /** Returns the list in UTF-8, in the form of Anthropic's API or of OpenAI's. */
    byte[] list(boolean forAnthropic);

    /** Returns one model in UTF-8, or null if there is none of this id. */
    byte @Nullable [] find(String id, boolean forAnthropic);
}
