package dev.warmgate.router;

import java.util.Arrays;

/**
 * For how much longer the answers that run at one endpoint can be stalled by prompts before their tokens come too slowly.
 *
 * <p>Only answers count that have a target for the time per output token. Owned by the pool's lock.
 */
final class SpareSeconds {
    /*
     * Without prompts beside it an answer has a token every s seconds, and may have one every t. A prompt whose prefill takes p
     * stalls it for p. So when it has run for T seconds, P of them stalled, it could bear
     *
     *   (T − P) / s · (t − s) − P  =  m·T − (1 + m)·P      where m = (t − s) / s
     *
     * more, should it end then. That is the same for all but for when they began: a clock for the endpoint, which goes m times
     * as fast as time and back by 1 + m for each second of prefill, less what it said when the answer began. Readings are kept
     * in order, so only those are looked at that a prompt would make too slow.
     *
     * Once it lacks d seconds an answer is in time only if it goes on for d / (t − s) tokens. Were its length equally likely to
     * be anything up to twice the mean, so would the rest be: it is too slow with a probability of d / (mean · (t − s)), and
     * what a prompt does to it is by how much that grows.
     */

    /** Share of a target that counts, for want of a margin. */
    private static final double EDGE = 0.95;

    /** Of about how many answers speed and length are remembered. */
    private static final double KEPT = 1 - 1.0 / 64;

    /** Tokens before which nothing is known. */
    private static final double ENOUGH_TOKENS = 100;

    /** An answer that is not longer tells nothing. */
    private static final int TELLING_TOKENS = 8;

    /** Of the time of an answer, what stalls cannot have been; and of a target, what must be to spare. */
    private static final double LEAST_SHARE = 0.05;

    /** What the clock said when running answers began, in order. */
    private double[] readings = new double[8];

    private int count;

    /** Prefill that was done, in seconds. */
    private double stalled;

    private double clock;
    private long clockAt;

    // Of answers that ended.
    private double answers;
    private double tokens;
    private double seconds;

    /** The last target heard, in seconds for a token. */
    private double target = Double.POSITIVE_INFINITY;

    /** The m of the clock; 0 while it stands. */
    private double pace;

    /** Seconds that an answer must lack to be too slow for sure. */
    private double sure = Double.POSITIVE_INFINITY;

    /**
     * What is kept of an answer while it runs.
     *
     * @param at when it began, in nanoseconds
     * @param reading what the clock said
     * @param stalled prefill done before, in seconds
     */
    record Begin(long at, double reading, double stalled) {}

    /** Hears that an answer begins. */
    Begin begin(double tpotTarget, long now) {
        pass(now);
        target = tpotTarget;
        learn();
        if (count == readings.length) {
            readings = Arrays.copyOf(readings, count * 2);
        }
        int place = place(clock);
        System.arraycopy(readings, place, readings, place + 1, count - place);
        readings[place] = clock;
        count++;
        return new Begin(now, clock, stalled);
    }

    /**
     * Hears that it ended.
     *
     * @param outputTokens its length, or -1 if unknown
     */
    void end(Begin begin, int outputTokens, long now) {
        pass(now);
        int place = place(begin.reading);
        count--;
        System.arraycopy(readings, place + 1, readings, place, count - place);
        double time = (now - begin.at) * 1e-9;
        if (outputTokens > TELLING_TOKENS && time > 0) {
            answers = answers * KEPT + 1;
            tokens = tokens * KEPT + outputTokens;
            seconds = seconds * KEPT + Math.max(LEAST_SHARE * time, time - (stalled - begin.stalled));
            learn();
        }
        if (count == 0) {
            clock = 0;
        }
    }

    /** Hears that a prompt's prefill was done. */
    void prefilled(double prefillSeconds, long now) {
        pass(now);
        stalled += prefillSeconds;
        clock -= pace == 0 ? 0 : (1 + pace) * prefillSeconds;
    }

    /**
     * Returns how many answers are to be expected to become too slow because of a prompt.
     *
     * @param waitSeconds prefill that is done before
     * @param prefillSeconds the prompt's
     */
    double harmed(double waitSeconds, double prefillSeconds, long now) {
        if (count == 0 || pace == 0) {
            return 0;
        }
        double at = clock + pace * Math.max(0, now - clockAt) * 1e-9;
        double sum = 0;
        for (int i = count - 1; i >= 0; i--) {
            double lacks = waitSeconds + prefillSeconds - (at - readings[i]);
            if (lacks <= 0) {
                break;
            }
            sum += Math.min(sure, lacks) - Math.clamp(lacks - prefillSeconds, 0, sure);
        }
        return sum / sure;
    }

    private void learn() {
        if (tokens < ENOUGH_TOKENS) {
            return;
        }
        double each = seconds / tokens;
        double spare = target * EDGE - each;
        // Whoever is too slow without prompts is so with them.
        pace = spare > LEAST_SHARE * target ? spare / each : 0;
        sure = spare * tokens / answers;
    }

    private void pass(long now) {
        // Clocks are read before the lock is taken.
        if (now - clockAt > 0) {
            clock += pace * (now - clockAt) * 1e-9;
        }
        clockAt = count > 0 && now - clockAt < 0 ? clockAt : now;
    }

    /** Returns the place of a reading, or where it would be. */
    private int place(double reading) {
        int place = Arrays.binarySearch(readings, 0, count, reading);
        return place < 0 ? -1 - place : place;
    }
}
