package dev.warmgate.twin.workload;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A fleet with several kinds of clients at once: about half of the requests are turns of {@code chat}, a quarter turns of
 * {@code coding}, and a quarter comes in batches of unrelated requests that are sent all at once.
 */
final class MixedWorkload {
    static final String NAME = "mixed";

    private static final double CHATS_PER_SECOND = 2.1;
    private static final double CODING_PER_SECOND = 0.35;

    private static final double BATCHES_PER_SECOND = 1 / 18.0;
    private static final int BATCH = 64;
    private static final String BATCHES = "batch";

    private MixedWorkload() {}

    /** Returns the requests of {@code seconds}, all times between arrivals multiplied by {@code timeScale}. */
    static Plan plan(long seed, double seconds, double timeScale) {
        var random = new SplittableRandom(seed);
        var sessions = new ArrayList<Session>();
        sessions.addAll(new ChatWorkload(CHATS_PER_SECOND).sessions(random.nextLong(), seconds));
        var coding = CodingWorkload.REFERENCE.withSessionsPerSecond(CODING_PER_SECOND);
        for (var session : coding.sessions(random.nextLong(), seconds)) {
            sessions.add(session.of(coding.name(), 0));
        }
        int asked = 0;
        for (double at = gap(random); at < seconds; at += gap(random)) {
            for (int i = 0; i < BATCH; i++) {
                sessions.add(
                        new Session(BATCHES, BATCHES, at, List.of(QuestionsWorkload.BLIND.alone(asked++, random))));
            }
        }
        sessions.replaceAll(session -> session.stretched(timeScale));
        sessions.sort(Comparator.comparingDouble(Session::startSeconds));
        return Plan.of(NAME, sessions, seconds * timeScale, Plan.Pace.UNHURRIED);
    }

    private static double gap(RandomGenerator random) {
        return Poisson.gap(random, BATCHES_PER_SECOND);
    }
}
