package dev.warmgate.router.admission;

import static java.util.Objects.requireNonNull;

/**
 * The standing of one request: how important it is, whom it belongs to, and by when it has to be answered.
 *
 * <p>A target or timeout that is not set is {@link #NONE}, positive infinity: "longer than the target" is then false
 * and the sooner of two is right, without a special case.
 *
 * @param priority -1000 to 1000; higher goes first, negative is sheddable
 * @param tenant who pays; one of the configured names, so it may be a metric label
 * @param flow the requests that share one place in the queue of their priority: the tenant's name, or
 *     {@code tenant/fairness id}; unique among all tenants. Clients may invent fairness ids, so it is no metric label
 * @param weight share of the tenant relative to the others of its priority, above 0; its flows share it
 * @param ttftSeconds target for the time to the first token, above 0, or {@link #NONE}
 * @param tpotSeconds target for the time per output token, above 0, or {@link #NONE}
 * @param timeoutSeconds how long after its arrival the answer is still of use, above 0, or {@link #NONE}
 */
public record Standing(
        int priority,
        String tenant,
        String flow,
        double weight,
        double ttftSeconds,
        double tpotSeconds,
        double timeoutSeconds) {
    /** The lowest priority. */
    public static final int LOWEST_PRIORITY = -1000;

    /** The highest priority. */
    public static final int HIGHEST_PRIORITY = 1000;

    /** No target, no timeout. */
    public static final double NONE = Double.POSITIVE_INFINITY;

    /** Whoever nothing is known about: priority 0, tenant and flow {@code default}, weight 1, no targets. */
    public static final Standing DEFAULT = new Standing(0, "default", "default", 1, NONE, NONE, NONE);

    public Standing {
        requirePriority("priority", priority);
        requireNonNull(tenant, "tenant");
        requireNonNull(flow, "flow");
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: above 0)");
        }
        requireTarget("ttftSeconds", ttftSeconds);
        requireTarget("tpotSeconds", tpotSeconds);
        requireTarget("timeoutSeconds", timeoutSeconds);
    }

    /** Returns whether a priority is one. */
    public static boolean isPriority(long value) {
        return value >= LOWEST_PRIORITY && value <= HIGHEST_PRIORITY;
    }

    /**
     * Returns the priority.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public static int requirePriority(String name, int value) {
        if (!isPriority(value)) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: " + LOWEST_PRIORITY + " to " + HIGHEST_PRIORITY + ")");
        }
        return value;
    }

    private static void requireTarget(String name, double seconds) {
        if (!(seconds > 0)) {
            throw new IllegalArgumentException(name + ": " + seconds + " (expected: above 0, infinite for none)");
        }
    }
}
