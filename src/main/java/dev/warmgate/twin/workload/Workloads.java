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
            "ladder-70b",
            "agents",
            "code-gen",
            "documents",
            "tools",
            "rollouts",
            "reasoning",
            "blind",
            "mixed",
            "mixed-priority",
            "noisy-tenant",
            "equal-tenants");

    /** Length of the workloads of sessions. */
    private static final double SESSIONS_SECONDS = 900;

    /** Length of the workloads of single requests. */
    private static final double REQUESTS_SECONDS = 600;

    /** Length of the workloads whose sessions are few and long. */
    private static final double AGENTS_SECONDS = 1_800;

    private static final double CODE_GEN_SECONDS = 3_600;

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
            case "coding" -> sessions(CodingWorkload.REFERENCE, SESSIONS_SECONDS, seed, timeScale);
            case "hotspot" -> HotspotWorkload.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "tenants" -> PrefixWorkload.TENANTS.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "groups" -> PrefixWorkload.GROUPS.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "conversation" -> ConversationTrace.plan(name, true, seed, timeScale);
            case "conversation-raw" -> ConversationTrace.plan(name, false, seed, timeScale);
            case "chat" ->
                sessions(new ChatWorkload(ChatWorkload.SESSIONS_PER_SECOND), SESSIONS_SECONDS, seed, timeScale);
            case "ladder" -> LadderWorkload.QWEN_32B.plan(name, seed, timeScale);
            case "ladder-70b" -> LadderWorkload.LLAMA_70B.plan(name, seed, timeScale);
            case "agents" -> AgentsWorkload.plan(seed, atMost(AGENTS_SECONDS, timeScale), timeScale);
            case "code-gen" -> sessions(new CodeGenWorkload(), CODE_GEN_SECONDS, seed, timeScale);
            case "documents" -> questions(QuestionsWorkload.DOCUMENTS, seed, timeScale);
            case "tools" -> questions(QuestionsWorkload.TOOLS, seed, timeScale);
            case "rollouts" -> RolloutsWorkload.plan(seed, atMost(SESSIONS_SECONDS, timeScale), timeScale);
            case "reasoning" -> questions(QuestionsWorkload.REASONING, seed, timeScale);
            case "blind" -> questions(QuestionsWorkload.BLIND, seed, timeScale);
            case "mixed" -> MixedWorkload.plan(seed, atMost(SESSIONS_SECONDS, timeScale), timeScale);
            case "mixed-priority" -> PriorityWorkload.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "noisy-tenant" -> NoisyTenantWorkload.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
            case "equal-tenants" -> EqualTenantsWorkload.plan(seed, atMost(REQUESTS_SECONDS, timeScale), timeScale);
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

    private static Plan sessions(Workload workload, double seconds, long seed, double timeScale) {
        double length = atMost(seconds, timeScale);
        var stretched = workload.sessions(seed, length).stream()
                .map(session -> session.stretched(timeScale))
                .toList();
        return Plan.of(workload.name(), stretched, length * timeScale, Plan.Pace.UNHURRIED);
    }

    private static Plan questions(QuestionsWorkload workload, long seed, double timeScale) {
        return workload.plan(seed, atMost(workload.seconds(), timeScale), timeScale);
    }

    /**
     * Returns the length of a generated workload before it is scaled: less load is not offered for longer, and more load is
     * offered only until as many requests have come as at scale 1.
     */
    private static double atMost(double seconds, double timeScale) {
        return seconds / Math.max(1, timeScale);
    }
}
