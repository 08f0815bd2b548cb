package dev.warmgate.router.policy;

/**
 * What the terms of {@link Warm}'s price weigh.
 *
 * @param queue what is already there to be prefilled
 * @param own the time that our prefill takes
 * @param others delay and evictions that our prefill costs others
 * @param utilisation how much more it costs where more is prefilled: the power of R_i relative to the mean
 * @param congestion how much more it costs for each second of wait at the average candidate
 * @param investment by how much popular prefixes are discounted
 * @param history what a token is worth that was held and is believed to be evicted, as a share of one that is held
 * @param decode what sharing the steps costs, in units of the formula
 * @param memory seconds that a full KV cache costs
 * @param stalls seconds that an answer costs which becomes too slow
 * @param clock whether the wait shrinks with time, before first tokens come
 */
public record Weights(
        double queue,
        double own,
        double others,
        double utilisation,
        double congestion,
        double investment,
        double history,
        double decode,
        double memory,
        double stalls,
        boolean clock) {
    /** What can be left out, to see what it is for. */
    public enum Part {
        /** Nobody waits for those before. */
        QUEUE,
        /** Nothing but our own time to first token counts. */
        OTHERS,
        /** Load is requests in flight only. */
        UTILISATION,
        /** Wasted work costs as much in a busy fleet as in an idle one. */
        CONGESTION,
        /** Popular prefixes cost as much as others. */
        INVESTMENT,
        /** What is evicted is forgotten. */
        HISTORY,
        /** Requests that decode cost nothing. */
        DECODE,
        /** KV memory is endless. */
        MEMORY,
        /** Answers may become as slow as they will. */
        STALLS,
        /** What is pending is pending until first tokens come. */
        CLOCK
    }

    /** What serves. */
    public static final Weights DEFAULT = new Weights(1, 0.4, 3, 1, 0.5, 3, 0.2, 1, 0.2, 0.5, true);

    /** Returns these weights but for one part, which is left out. */
    public Weights without(Part part) {
        return new Weights(
                part == Part.QUEUE ? 0 : queue,
                part == Part.OTHERS ? 1 : own,
                part == Part.OTHERS ? 0 : others,
                part == Part.UTILISATION ? 0 : utilisation,
                part == Part.CONGESTION ? 0 : congestion,
                part == Part.INVESTMENT ? 0 : investment,
                part == Part.HISTORY ? 0 : history,
                part == Part.DECODE ? 0 : decode,
                part == Part.MEMORY ? 0 : memory,
                part == Part.STALLS ? 0 : stalls,
                part != Part.CLOCK && clock);
    }
}
