package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Four tenants in quiet conversation, and one who sends ten times as much as its fair share, in prompts ten times as long
 * as theirs; all of them equally important.
 *
 * <p>{@code docs/workloads.md} says how the rates were found.
 */
final class NoisyTenantWorkload {
    static final String NAME = "noisy-tenant";

    private static final String NOISY = "noisy";
    private static final List<String> QUIET = List.of("quiet-1", "quiet-2", "quiet-3", "quiet-4");

    /** Of all quiet tenants together. */
    private static final double CHATS_PER_SECOND = 5.7;

    private static final double NOISE_PER_SECOND = 4.1;

    private static final Lengths PROMPT = Lengths.ofMean(27_500, 0.5, 4_000, 100_000);

    /** As in {@code chat}. */
    private static final Lengths ANSWER = new Lengths(new LogNormal(5.4, 0.8), 1, 32_000);

    private static final long PROMPT_STREAM = (1L << 61) + (1L << 34);

    private NoisyTenantWorkload() {}

    /** Returns the requests of {@code seconds}, all times between arrivals multiplied by {@code timeScale}. */
    static Plan plan(long seed, double seconds, double timeScale) {
        var random = new SplittableRandom(seed);
        var sessions =
                new ArrayList<>(new ChatWorkload(CHATS_PER_SECOND, QUIET, 0).sessions(random.nextLong(), seconds));
        var noise = random.split();
        int sent = 0;
        for (double at = Poisson.gap(noise, NOISE_PER_SECOND);
                at < seconds;
                at += Poisson.gap(noise, NOISE_PER_SECOND)) {
            sessions.add(new Session(NOISY, NOISY, at, List.of(prompt(sent++, noise))));
        }
        sessions.replaceAll(session -> session.stretched(timeScale));
        sessions.sort(Comparator.comparingDouble(Session::startSeconds));
        return Plan.of(NAME, sessions, seconds * timeScale, Plan.Pace.UNHURRIED);
    }

    private static Turn prompt(int number, RandomGenerator random) {
        return new Turn(
                0,
                List.of(Message.of(Role.USER, new Text(PROMPT_STREAM + number, PROMPT.sample(random)))),
                ANSWER.sample(random));
    }
}
