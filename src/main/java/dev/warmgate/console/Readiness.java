package dev.warmgate.console;

/**
 * Whether the gateway wants new traffic.
 *
 * @param reason why not, for people; may be empty when ready
 */
public record Readiness(boolean ready, String reason) {
    /** Wants traffic. */
    public static final Readiness READY = new Readiness(true, "");

    /** Returns that no new traffic is wanted, and why. */
    public static Readiness notReady(String reason) {
        return new Readiness(false, reason);
    }
}
