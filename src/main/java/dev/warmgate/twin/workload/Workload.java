package dev.warmgate.twin.workload;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A source of sessions. */
public interface Workload {
    /** Returns the name that its sessions carry. */
    String name();

    /**
     * Returns the sessions that start within the first {@code seconds} model seconds, ordered by start.
     *
     * <p>Equal arguments give equal sessions.
     */
    List<Session> sessions(long seed, double seconds);

    /** Returns the sessions of several workloads together, ordered by start. */
    static List<Session> mix(List<? extends Workload> workloads, long seed, double seconds) {
        var all = new ArrayList<Session>();
        for (var workload : workloads) {
            all.addAll(workload.sessions(seed, seconds));
        }
        all.sort(Comparator.comparingDouble(Session::startSeconds));
        return List.copyOf(all);
    }

    /**
     * Returns the sessions without the turns that would begin after {@code seconds}, were every answer as fast as
     * {@code pace} says.
     *
     * <p>This fixes the work of a run in advance: a fleet that answers slowly has exactly as many requests to answer
     * as a fast one.
     */
    static List<Session> within(List<Session> sessions, double seconds, Plan.Pace pace) {
        var kept = new ArrayList<Session>();
        for (var session : sessions) {
            double at = session.startSeconds();
            int turns = 0;
            for (var turn : session.turns()) {
                at += turn.thinkSeconds();
                if (at > seconds) {
                    break;
                }
                turns++;
                at += pace.seconds(turn.outputTokens());
            }
            if (turns > 0) {
                kept.add(session.first(turns));
            }
        }
        return List.copyOf(kept);
    }
}
