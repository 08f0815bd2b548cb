package dev.warmgate.router.profile;

import dev.warmgate.router.EngineLoad;

/** What every engine tells about its load, as an attribute of an endpoint. */
public enum CoreMetric {
    /** Requests that wait in the engine. */
    WAITING,
    /** Requests that the engine computes. */
    RUNNING,
    /** Share of its KV cache in use, 0..1. */
    KV_USAGE;

    /** Returns the value, or NaN if the engine did not tell. */
    double of(EngineLoad load) {
        return switch (this) {
            case WAITING -> load.waiting();
            case RUNNING -> load.running();
            case KV_USAGE -> load.kvUsage();
        };
    }
}
