package dev.warmgate.twin.demo;

import dev.warmgate.twin.workload.CodingWorkload;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.Session;
import dev.warmgate.twin.workload.TraceWorkload;
import dev.warmgate.twin.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The load that a demo offers: coding assistants, and beside them a slice of a real trace.
 *
 * @param sessions ordered by start
 */
public record DemoLoad(List<Session> sessions) {
    /** The name that the load goes by. */
    static final String NAME = "demo";

    /** New coding sessions per model second and replica: a fleet that uses its caches well is busy but not full. */
    private static final double SESSIONS_PER_REPLICA = 0.19;

    /** Replicas that the trace slice is sized for; fewer get their share of it. */
    private static final int TRACE_REPLICAS = 8;

    public DemoLoad {
        sessions = List.copyOf(sessions);
    }

    static DemoLoad of(DemoSettings settings) {
        return of(settings.replicas(), settings.seed(), settings.windowSeconds());
    }

    private static DemoLoad of(int replicas, long seed, double seconds) {
        var coding = CodingWorkload.AGENTS.withSessionsPerSecond(SESSIONS_PER_REPLICA * replicas);
        var trace = new Thinned(TraceWorkload.conversationSlice(), Math.min(1, replicas / (double) TRACE_REPLICAS));
        return new DemoLoad(
                Workload.within(Workload.mix(List.of(coding, trace), seed, seconds), seconds, Plan.Pace.UNHURRIED));
    }

    /**
     * Returns the load of a demo with default settings as a plan.
     *
     * @param timeScale factor on the times of the sessions' starts
     */
    public static Plan plan(long seed, double timeScale) {
        var settings = DemoSettings.defaults();
        return of(settings.replicas(), seed, settings.windowSeconds()).plan(settings.windowSeconds(), timeScale);
    }

    /** Returns the load as a plan: each session's turns one after the other. */
    Plan plan(double seconds, double timeScale) {
        var stretched =
                sessions.stream().map(session -> session.stretched(timeScale)).toList();
        return Plan.of(NAME, stretched, seconds * timeScale, Plan.Pace.UNHURRIED);
    }

    int requests() {
        return sessions.stream().mapToInt(s -> s.turns().size()).sum();
    }

    /** Returns a sentence about each part, for a report. */
    List<String> describe() {
        return List.of(
                part("coding")
                        + "; agents on 12 repositories behind one harness prompt, each prompt holds the conversation"
                        + " so far.",
                part("conversation")
                        + "; from ten minutes of the conversation trace published with Mooncake, every fifth"
                        + " conversation.");
    }

    /** Returns a line about each part, short enough for a terminal. */
    List<String> summary() {
        return List.of(part("coding"), part("conversation"));
    }

    private String part(String workload) {
        int requests = 0;
        long promptTokens = 0;
        long outputTokens = 0;
        for (var session : sessions) {
            if (session.workload().equals(workload)) {
                for (int turn = 0; turn < session.turns().size(); turn++) {
                    requests++;
                    promptTokens += session.promptTokens(turn);
                    outputTokens += session.turns().get(turn).outputTokens();
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "%s: %,d requests, mean prompt %,d tokens, mean answer %,d",
                workload,
                requests,
                promptTokens / Math.max(1, requests),
                outputTokens / Math.max(1, requests));
    }

    /** A share of another workload's sessions, evenly taken. */
    private record Thinned(Workload whole, double share) implements Workload {
        @Override
        public String name() {
            return whole.name();
        }

        @Override
        public List<Session> sessions(long seed, double seconds) {
            var kept = new ArrayList<Session>();
            double due = 0;
            for (var session : whole.sessions(seed, seconds)) {
                due += share;
                if (due >= 1) {
                    due -= 1;
                    kept.add(session);
                }
            }
            return List.copyOf(kept);
        }
    }
}
