package dev.warmgate.door;

import dev.warmgate.router.tenancy.ControlHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Which model a request asks for, by which rights and rules go, and which it gets. A rule decides, else the request's own
 * header, whose model is then what it asks for. Confined to where the request is at home.
 */
final class ModelChoice {
    private final ModelRewrites rewrites;
    private final Visitor visitor;
    private String asked = "";

    ModelChoice(ModelRewrites rewrites, Visitor visitor) {
        this.rewrites = rewrites;
        this.visitor = visitor;
    }

    /** Returns the model that is asked for; empty before that is known. */
    String asked() {
        return asked;
    }

    /** Notes a model that stays as it is. */
    void asks(String model) {
        asked = model;
    }

    /** Returns the model for a request whose body names one, or null if it can have none. */
    @Nullable
    String of(String named, @Nullable String session) {
        asked = named;
        if (rewrites.applyTo(named)) {
            return rewrites.target(named, session);
        }
        String wished = visitor.header(ControlHeaders.MODEL_REWRITE);
        if (wished == null) {
            wished = visitor.header(ControlHeaders.MODEL_REWRITE_ALIAS);
        }
        if (wished != null && !wished.isBlank()) {
            asked = wished.strip();
        }
        return asked;
    }
}
