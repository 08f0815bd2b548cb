package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Five tenants, each of which sends more than its fair share of the fleet all the time; the prompts of one are ten times as long
 * as the others', and a tenth as many.
 */
final class EqualTenantsWorkload {
    static final String NAME = "equal-tenants";

    private static final String LONG = "long";
    private static final List<String> TENANTS = List.of("short-1", "short-2", "short-3", "short-4", LONG);

    /** Of each tenant with short prompts. */
    private static final double SHORT_PER_SECOND = 15;

    private static final int SHORT_TOKENS = 2_000;
    private static final int TIMES_LONGER = 10;
    private static final int MOST_ANSWER = 600;
    private static final long PROMPT_STREAM = (1L << 61) + (1L << 35);

    private EqualTenantsWorkload() {}

    /** Returns the requests of {@code seconds}, all times between arrivals multiplied by {@code timeScale}. */
    static Plan plan(long seed, double seconds, double timeScale) {
        var random = new SplittableRandom(seed);
        var sessions = new ArrayList<Session>();
        for (var tenant : TENANTS) {
            var own = random.split();
            long stream = PROMPT_STREAM + ((long) TENANTS.indexOf(tenant) << 30);
            int times = tenant.equals(LONG) ? TIMES_LONGER : 1;
            double perSecond = SHORT_PER_SECOND / times;
            for (double at = Poisson.gap(own, perSecond); at < seconds; at += Poisson.gap(own, perSecond)) {
                sessions.add(new Session(tenant, tenant, at, List.of(prompt(stream++, SHORT_TOKENS * times, own))));
            }
        }
        sessions.replaceAll(session -> session.stretched(timeScale));
        sessions.sort(Comparator.comparingDouble(Session::startSeconds));
        return Plan.of(NAME, sessions, seconds * timeScale, Plan.Pace.UNHURRIED);
    }

    private static Turn prompt(long stream, int tokens, RandomGenerator random) {
        int length = random.nextInt(tokens / 2, tokens + tokens / 2 + 1);
        return new Turn(
                0, List.of(Message.of(Role.USER, new Text(stream, length))), random.nextInt(1, MOST_ANSWER + 1));
    }
}
