package dev.warmgate.twin.workload;

import java.util.List;

/**
 * The workloads that come with Warmgate, sized for eight endpoints of 307,000 KV tokens, but for {@code ladder-70b};
 * {@code docs/workloads.md} defines them.
 */
public final class Workloads {
    /** Factors of time that plans accept. */
    static final double MIN_TIME_SCALE = 0.001;

    static final double MAX_TIME_SCALE = 100;

    private static final List<String> NAMES = List.of(
            "coding",
            "hotspot",
            "tenants",
            "groups",
            "conversation",
            "conversation-raw",
            "chat",
            "ladder",
            "ladder-70b");

    /** Length of the workloads of sessions. */
    private static final double SESSIONS_SECONDS = 900;

    /** Length of the workloads of single requests. */
    private static final double REQUESTS_SECONDS = 600;

    private Workloads() {}

    /** Returns the names of all workloads. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Returns the requests of a workload. Equal arguments give equal plans.
     *
     * @param name one of {@link #names}
     * @param timeScale factor of all times between arrivals, 0.001 to 100: less is more load; pauses inside a session stay
     * @throws IllegalArgumentException if there is no such workload, or the factor is out of range
     */
    public static Plan plan(String name, long seed, double timeScale) {
        checkTimeScale(timeScale);
        return switch (name) {
            case "coding" -> sessions(CodingWorkload.REFERENCE, seed, timeScale);
            case "hotspot" -> HotspotWorkload.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "tenants" -> PrefixWorkload.TENANTS.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "groups" -> PrefixWorkload.GROUPS.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "conversation" -> ConversationTrace.plan(name, true, seed, timeScale);
            case "conversation-raw" -> ConversationTrace.plan(name, false, seed, timeScale);
            case "chat" -> sessions(new ChatWorkload(), seed, timeScale);
            case "ladder" -> LadderWorkload.QWEN_32B.plan(name, seed, timeScale);
            case "ladder-70b" -> LadderWorkload.LLAMA_70B.plan(name, seed, timeScale);
            default ->
                throw new IllegalArgumentException(
                        "workload: " + name + " (expected: one of " + String.join(", ", NAMES) + ")");
        };
    }

    /** Checks a factor of time. */
    static void checkTimeScale(double timeScale) {
        if (!(timeScale >= MIN_TIME_SCALE && timeScale <= MAX_TIME_SCALE)) {
            throw new IllegalArgumentException(
                    "timeScale: " + timeScale + " (expected: " + MIN_TIME_SCALE + " to " + MAX_TIME_SCALE + ")");
        }
    }

    private static Plan sessions(Workload workload, long seed, double timeScale) {
        var stretched = workload.sessions(seed, atMost(SESSIONS_SECONDS, timeScale)).stream()
                .map(session -> session.stretched(timeScale))
                .toList();
        return Plan.of(
                workload.name(), stretched, atMost(SESSIONS_SECONDS, timeScale) * timeScale, Plan.Pace.UNHURRIED);
    }

    /**
     * Returns the length of a generated workload before it is scaled: less load is not offered for longer, and more load is
     * offered only until as many requests have come as at scale 1.
     */
    private static double atMost(double seconds, double timeScale) {
        return seconds / Math.max(1, timeScale);
    }
}
