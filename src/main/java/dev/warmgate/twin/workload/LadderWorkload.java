package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The same prompts again and again, at one rate after another: how the llm-d project benchmarks prefix caching.
 *
 * <p>Every group of users shares the beginning of its prompts. Each stage asks all prompts pass after pass, always in the same
 * shuffled order and from its beginning, and has exactly as many requests as its rate and length say: so does inference-perf,
 * with which llm-d's benchmarks are made.
 *
 * @param groups groups of users
 * @param promptsPerGroup prompts in each group
 * @param sharedTokens what the prompts of a group have in common
 * @param ownTokens what a prompt has for itself
 * @param outputTokens length of every answer
 * @param poisson whether arrivals know nothing of each other, or come at equal distances
 * @param stages in order, the first one to warm up; not empty
 */
public record LadderWorkload(
        int groups,
        int promptsPerGroup,
        int sharedTokens,
        int ownTokens,
        int outputTokens,
        boolean poisson,
        List<Stage> stages) {
    /**
     * Eight Qwen3-32B on two H100 each, "73-capacity" in the benchmarks of llm-d-kv-cache: what the groups share fills 37 %
     * of the KV caches, everything 73 %. Each stage lasts for one or two passes over the prompts.
     */
    public static final LadderWorkload QWEN_32B = new LadderWorkload(
            150,
            5,
            6_000,
            1_200,
            1_000,
            true,
            List.of(
                    new Stage(15, 50),
                    new Stage(3, 20),
                    new Stage(10, 20),
                    new Stage(15, 20),
                    new Stage(20, 38),
                    new Stage(22, 34),
                    new Stage(25, 30),
                    new Stage(30, 25),
                    new Stage(35, 21),
                    new Stage(40, 38),
                    new Stage(43, 36),
                    new Stage(46, 33),
                    new Stage(49, 30),
                    new Stage(52, 29),
                    new Stage(55, 27),
                    new Stage(57, 26),
                    new Stage(60, 25)));

    /**
     * Four Llama-3.1-70B on four H100 each, "37-capacity" in the same benchmarks. From the second stage on, each lasts for
     * two and a half to four passes over the prompts.
     */
    public static final LadderWorkload LLAMA_70B = new LadderWorkload(
            83,
            3,
            8_000,
            1_000,
            1_000,
            false,
            List.of(
                    new Stage(9, 30),
                    new Stage(3, 210),
                    new Stage(4, 180),
                    new Stage(5, 120),
                    new Stage(6, 120),
                    new Stage(8, 90),
                    new Stage(10, 70),
                    new Stage(12, 60),
                    new Stage(15, 50),
                    new Stage(20, 50)));

    private static final long GROUP_STREAM = 1L << 55;
    private static final long PROMPT_STREAM = GROUP_STREAM + (1L << 32);

    /**
     * A stretch of constant load. It begins when every request of the stage before has ended.
     *
     * @param requestsPerSecond rate; above 0
     * @param seconds length; above 0
     */
    public record Stage(double requestsPerSecond, double seconds) {
        public Stage {
            if (!(requestsPerSecond > 0) || !(seconds > 0)) {
                throw new IllegalArgumentException(
                        "requestsPerSecond: " + requestsPerSecond + ", seconds: " + seconds + " (expected: above 0)");
            }
        }

        /** Returns how many requests it has. */
        public int requests() {
            return (int) Math.max(1, Math.round(requestsPerSecond * seconds));
        }
    }

    public LadderWorkload {
        stages = List.copyOf(stages);
        if (groups < 1 || promptsPerGroup < 1 || sharedTokens < 1 || ownTokens < 1 || outputTokens < 1) {
            throw new IllegalArgumentException("groups: " + groups + ", promptsPerGroup: " + promptsPerGroup
                    + ", sharedTokens: " + sharedTokens + ", ownTokens: " + ownTokens + ", outputTokens: "
                    + outputTokens + " (expected: at least 1 each)");
        }
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("stages: none (expected: at least one)");
        }
    }

    /** Returns this ladder with other stages. */
    public LadderWorkload withStages(List<Stage> others) {
        return new LadderWorkload(groups, promptsPerGroup, sharedTokens, ownTokens, outputTokens, poisson, others);
    }

    /**
     * Returns a short ladder: the first stage, which warms up, and of the others those with these rates.
     *
     * @throws IllegalArgumentException if no stage has such a rate
     */
    public LadderWorkload only(double... rates) {
        var kept = new ArrayList<Stage>();
        kept.add(stages.getFirst());
        for (double rate : rates) {
            var found = stages.stream()
                    .skip(1)
                    .filter(stage -> stage.requestsPerSecond() == rate)
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("rate: " + rate + " (expected: one of "
                        + stages.stream().skip(1).map(Stage::requestsPerSecond).toList() + ")");
            }
            kept.addAll(found);
        }
        return withStages(kept);
    }

    /** Returns the requests; {@code timeScale} multiplies the times between them, and so the stages' lengths. */
    public Plan plan(String name, long seed, double timeScale) {
        var random = new SplittableRandom(seed);
        int[] order = shuffled(groups * promptsPerGroup, random);
        var requests = new ArrayList<PlannedRequest>();
        for (int s = 0; s < stages.size(); s++) {
            double[] arrivals = arrivals(stages.get(s), random);
            for (int i = 0; i < arrivals.length; i++) {
                int prompt = order[i % order.length];
                requests.add(new PlannedRequest(
                        null,
                        null,
                        s,
                        arrivals[i] * timeScale,
                        -1,
                        0,
                        false,
                        List.of(
                                Message.of(
                                        Role.SYSTEM, new Text(GROUP_STREAM + prompt / promptsPerGroup, sharedTokens)),
                                Message.of(Role.USER, new Text(PROMPT_STREAM + prompt, ownTokens))),
                        Plan.answer(requests.size(), outputTokens)));
            }
        }
        return new Plan(name, requests);
    }

    /** Returns when a stage's requests arrive. Poisson arrivals of known number are uniform. */
    private double[] arrivals(Stage stage, RandomGenerator random) {
        var arrivals = new double[stage.requests()];
        for (int i = 0; i < arrivals.length; i++) {
            arrivals[i] = poisson ? random.nextDouble() * stage.seconds() : i / stage.requestsPerSecond();
        }
        Arrays.sort(arrivals);
        return arrivals;
    }

    private static int[] shuffled(int count, RandomGenerator random) {
        var order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
