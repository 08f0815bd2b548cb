package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Rollouts of reinforcement learning: many samples of one prompt in one instant, with long answers.
 *
 * <p>Workers arrive as a Poisson process. A worker has some groups of samples one after another: the next one is sent when
 * the sample with the longest answer of the one before has ended.
 */
final class RolloutsWorkload {
    static final String NAME = "rollouts";

    private static final double WORKERS_PER_SECOND = 0.09;
    private static final int GROUPS = 3;
    private static final int SAMPLES = 16;

    /** Probability that a group has {@link #MANY_SAMPLES} samples. */
    private static final double MANY = 0.02;

    private static final int MANY_SAMPLES = 256;
    private static final Lengths PROMPT = Lengths.ofMean(6_000, 0.9, 1_000, 30_000);
    private static final Lengths OUTPUT = Lengths.ofMean(2_000, 0.5, 1_000, 4_000);

    private static final long PROMPT_STREAM = 1L << 60;

    private RolloutsWorkload() {}

    /**
     * Returns the requests of the workers that arrive within {@code seconds}, all arrivals multiplied by {@code timeScale},
     * without the groups that would begin after the end if every answer were unhurried.
     */
    static Plan plan(long seed, double seconds, double timeScale) {
        var arrivals = new SplittableRandom(seed);
        var requests = new ArrayList<PlannedRequest>();
        int id = 0;
        for (double at = gap(arrivals); at < seconds; at += gap(arrivals)) {
            // A generator per worker: its groups do not depend on how many others there are.
            worker(id++, at * timeScale, seconds * timeScale, arrivals.split(), requests);
        }
        return new Plan(NAME, requests);
    }

    private static double gap(RandomGenerator arrivals) {
        return Poisson.gap(arrivals, WORKERS_PER_SECOND);
    }

    private static void worker(
            int id, double start, double end, RandomGenerator random, List<PlannedRequest> requests) {
        double at = start;
        int after = -1;
        for (int group = 0; group < GROUPS && at <= end; group++) {
            var prompt = List.of(
                    Message.of(Role.USER, new Text(PROMPT_STREAM + (long) id * GROUPS + group, PROMPT.sample(random))));
            int samples = random.nextDouble() < MANY ? MANY_SAMPLES : SAMPLES;
            int longest = requests.size();
            for (int i = 0; i < samples; i++) {
                int index = requests.size();
                var answer = Plan.answer(index, OUTPUT.sample(random));
                requests.add(new PlannedRequest(null, null, 0, at, after, 0, false, prompt, answer));
                if (requests.get(index).outputTokens() > requests.get(longest).outputTokens()) {
                    longest = index;
                }
            }
            after = longest;
            at += Plan.Pace.UNHURRIED.seconds(requests.get(longest).outputTokens());
        }
    }
}
