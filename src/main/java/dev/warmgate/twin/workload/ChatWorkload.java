package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * People in conversation with the applications of a few tenants.
 *
 * <p>Sessions arrive as a Poisson process and choose a tenant, whose system prompt they begin with. After each turn
 * another one follows with the same probability.
 */
final class ChatWorkload implements Workload {
    static final String NAME = "chat";

    /** The reference rate. */
    static final double SESSIONS_PER_SECOND = 6;

    private static final List<String> TENANTS =
            IntStream.range(0, 40).mapToObj(i -> "tenant-" + i).toList();
    private static final double TENANT_SKEW = 1.0;
    private static final int SYSTEM_TOKENS = 1_024;

    /** Probability that a turn is the last. */
    private static final double LAST = 0.28;

    private static final int MAX_TURNS = 30;
    private static final LogNormal USER = new LogNormal(5.3, 1.1);
    private static final LogNormal OUTPUT = new LogNormal(5.4, 0.8);
    private static final LogNormal THINK = new LogNormal(Math.log(20), 0.9);
    private static final int MAX_TOKENS = 32_000;

    private static final long SYSTEM_STREAM = 1L << 54;
    private static final long SESSION_STREAM = SYSTEM_STREAM + (1L << 32);

    private final double sessionsPerSecond;
    private final List<String> tenants;
    private final double skew;

    /** Creates the workload at this rate of new sessions. */
    ChatWorkload(double sessionsPerSecond) {
        this(sessionsPerSecond, TENANTS, TENANT_SKEW);
    }

    /** Creates the workload of these tenants, whose shares of the sessions follow Zipf's law with this exponent. */
    ChatWorkload(double sessionsPerSecond, List<String> tenants, double skew) {
        this.sessionsPerSecond = sessionsPerSecond;
        this.tenants = List.copyOf(tenants);
        this.skew = skew;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Session> sessions(long seed, double seconds) {
        var arrivals = new SplittableRandom(seed);
        var shares = new Zipf(tenants.size(), skew);
        var sessions = new ArrayList<Session>();
        double at = Poisson.gap(arrivals, sessionsPerSecond);
        for (int id = 0; at < seconds; id++) {
            // A generator per session: its turns do not depend on how many other sessions there are.
            var random = arrivals.split();
            int tenant = shares.sample(random);
            sessions.add(new Session(NAME, tenants.get(tenant), at, turns(id, tenant, random)));
            at += Poisson.gap(arrivals, sessionsPerSecond);
        }
        return List.copyOf(sessions);
    }

    private static List<Turn> turns(int id, int tenant, RandomGenerator random) {
        int planned = (int) Math.min(MAX_TURNS, 1 + Math.floor(Math.log1p(-random.nextDouble()) / Math.log1p(-LAST)));
        var turns = new ArrayList<Turn>(planned);
        for (int i = 0; i < planned; i++) {
            var input = new ArrayList<Message>(2);
            if (i == 0) {
                input.add(Message.of(Role.SYSTEM, new Text(SYSTEM_STREAM + tenant, SYSTEM_TOKENS)));
            }
            long stream = SESSION_STREAM + (long) id * MAX_TURNS + i;
            input.add(Message.of(Role.USER, new Text(stream, USER.sampleCount(random, MAX_TOKENS))));
            turns.add(new Turn(i == 0 ? 0 : THINK.sample(random), input, OUTPUT.sampleCount(random, MAX_TOKENS)));
        }
        return turns;
    }
}
