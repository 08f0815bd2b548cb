package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Code generation on long contexts that nobody shares: conversations of a few turns without pauses, each behind a context
 * of its own.
 *
 * <p>The lengths are those of the workload of that name with which llm-d measures its sticky routing (2026-08), which
 * states ranges and means; the shapes between are assumed. There conversations are replaced as they end, here they arrive
 * as a Poisson process.
 */
final class CodeGenWorkload implements Workload {
    static final String NAME = "code-gen";

    private static final double SESSIONS_PER_SECOND = 0.11;

    private static final double CONTEXT_MEAN = 55_000;
    private static final double CONTEXT_DEVIATION = 25_000;
    private static final int MIN_CONTEXT = 3_000;
    private static final int MAX_CONTEXT = 100_000;

    private static final Lengths TURNS = Lengths.ofMean(6, 0.6, 2, 20);
    private static final Lengths INPUT = Lengths.ofMean(1_500, 0.9, 100, 10_000);
    private static final Lengths OUTPUT = Lengths.ofMean(800, 0.8, 50, 4_000);

    private static final long CONTEXT_STREAM = 1L << 58;
    private static final long INPUT_STREAM = CONTEXT_STREAM + (1L << 32);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Session> sessions(long seed, double seconds) {
        var arrivals = new SplittableRandom(seed);
        var sessions = new ArrayList<Session>();
        double at = Poisson.gap(arrivals, SESSIONS_PER_SECOND);
        for (int id = 0; at < seconds; id++) {
            // A generator per session: its turns do not depend on how many other sessions there are.
            sessions.add(new Session(NAME, at, turns(id, arrivals.split())));
            at += Poisson.gap(arrivals, SESSIONS_PER_SECOND);
        }
        return List.copyOf(sessions);
    }

    private static List<Turn> turns(int id, RandomGenerator random) {
        int planned = TURNS.sample(random);
        var turns = new ArrayList<Turn>(planned);
        for (int i = 0; i < planned; i++) {
            var input = new ArrayList<Message>(2);
            if (i == 0) {
                double context = random.nextGaussian(CONTEXT_MEAN, CONTEXT_DEVIATION);
                int tokens = (int) Math.clamp(Math.round(context), (long) MIN_CONTEXT, MAX_CONTEXT);
                input.add(Message.of(Role.SYSTEM, new Text(CONTEXT_STREAM + id, tokens)));
            }
            long stream = INPUT_STREAM + (long) id * TURNS.max() + i;
            input.add(Message.of(Role.USER, new Text(stream, INPUT.sample(random))));
            turns.add(new Turn(0, input, OUTPUT.sample(random)));
        }
        return turns;
    }
}
