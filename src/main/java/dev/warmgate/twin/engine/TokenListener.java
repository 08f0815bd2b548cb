package dev.warmgate.twin.engine;

/** Hears of generated tokens. */
@FunctionalInterface
public interface TokenListener {
    /**
     * Called once per generated token, at the end of the step that made it. It may submit and abort requests on the same
     * engine.
     *
     * @param request already counts this token; {@link EngineRequest#finished()} tells the last one
     * @param at the end of the step, in nanoseconds of model time
     */
    void onToken(EngineRequest request, long at);
}
