package dev.warmgate.engine;

/**
 * Tells from successive metrics pages whether the engine began anew between them, so that what it is believed to hold
 * in its KV cache is gone.
 *
 * <p>A restart shows as a token counter that went backwards or a later process start. Only a start later than any seen
 * before counts: several processes may answer in turn behind one address, each with a start of its own.
 *
 * <p>Confined to one thread.
 */
final class RestartDetector {
    private long promptTokens = -1;
    private double latestStart = Double.NaN;

    /**
     * Takes the facts of the next page.
     *
     * @param nowPromptTokens prompt tokens since the engine started, or -1 if unknown
     * @param processStart Unix time in seconds, or NaN if unknown
     * @return whether the engine restarted since the page before
     */
    boolean restarted(long nowPromptTokens, double processStart) {
        boolean backwards = nowPromptTokens >= 0 && nowPromptTokens < promptTokens;
        boolean later = processStart > latestStart;
        if (nowPromptTokens >= 0) {
            promptTokens = nowPromptTokens;
        }
        if (later || Double.isNaN(latestStart)) {
            latestStart = processStart;
        }
        return backwards || later;
    }

    /** Returns whether a page with anything to compare was seen. */
    boolean informed() {
        return promptTokens >= 0 || !Double.isNaN(latestStart);
    }
}
