package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Single questions of many kinds: what they share and whether a question is asked again is for the numbers to say.
 *
 * <p>Requests arrive as a Poisson process. Unlike {@link PrefixWorkload}, lengths vary.
 *
 * @param name the workload's name
 * @param prefixes how many shared prefixes there are; 0 for none
 * @param skew exponent of the Zipf law by which requests choose a prefix; 0 for all alike
 * @param prefix length of each prefix, drawn once
 * @param questions how many different questions there are, all asked equally often; 0 if no question comes twice
 * @param question length of each question
 * @param output tokens per answer
 * @param requestsPerSecond rate of requests
 * @param seconds length of the workload
 */
record QuestionsWorkload(
        String name,
        int prefixes,
        double skew,
        Lengths prefix,
        int questions,
        Lengths question,
        Lengths output,
        double requestsPerSecond,
        double seconds) {
    /** Questions about long documents that fill the fleet's KV caches nearly four times. */
    static final QuestionsWorkload DOCUMENTS = new QuestionsWorkload(
            "documents",
            192,
            0.8,
            Lengths.exactly(48_000),
            0,
            Lengths.ofMean(100, 0.6, 10, 1_000),
            Lengths.ofMean(200, 0.6, 20, 2_000),
            1.2,
            960);

    /** Calls of tools: many prompts of some length, each shared by many short requests with short answers. */
    static final QuestionsWorkload TOOLS = new QuestionsWorkload(
            "tools",
            300,
            0.9,
            Lengths.ofMean(5_200, 0.3, 3_000, 8_000),
            0,
            Lengths.ofMean(700, 0.9, 50, 8_000),
            Lengths.ofMean(75, 0.7, 20, 200),
            55,
            240);

    /** Short prompts with long answers, each prompt about three times. */
    static final QuestionsWorkload REASONING = new QuestionsWorkload(
            "reasoning",
            1,
            0,
            Lengths.exactly(250),
            1_500,
            Lengths.exactly(1_000),
            Lengths.ofMean(3_000, 0.8, 100, 16_000),
            5.6,
            800);

    /** Requests that have nothing in common. */
    static final QuestionsWorkload BLIND = new QuestionsWorkload(
            "blind",
            0,
            0,
            Lengths.exactly(1),
            0,
            new Lengths(new LogNormal(Math.log(2_000), 0.7), 50, 16_000),
            Lengths.ofMean(300, 0.6, 10, 4_000),
            26,
            540);

    private static final long PREFIX_STREAM = 1L << 57;
    private static final long QUESTION_STREAM = PREFIX_STREAM + (1L << 32);

    /** Returns the requests of {@code seconds}, all times multiplied by {@code timeScale}. */
    Plan plan(long seed, double seconds, double timeScale) {
        var arrivals = new SplittableRandom(seed);
        var random = arrivals.split();
        int[] prefixTokens = lengths(prefixes, prefix, random);
        int[] questionTokens = lengths(questions, question, random);
        var shares = new Zipf(Math.max(1, prefixes), skew);
        var requests = new ArrayList<PlannedRequest>();
        for (double at = gap(arrivals); at < seconds; at += gap(arrivals)) {
            int index = requests.size();
            var input = new ArrayList<Message>(2);
            if (prefixes > 0) {
                int chosen = shares.sample(random);
                input.add(Message.of(Role.SYSTEM, new Text(PREFIX_STREAM + chosen, prefixTokens[chosen])));
            }
            int asked = questions > 0 ? random.nextInt(questions) : index;
            int tokens = questions > 0 ? questionTokens[asked] : question.sample(random);
            input.add(Message.of(Role.USER, new Text(QUESTION_STREAM + asked, tokens)));
            requests.add(
                    PlannedRequest.alone(null, null, at * timeScale, input, Plan.answer(index, output.sample(random))));
        }
        return new Plan(name, requests);
    }

    /** Returns the {@code asked}-th question, without a prefix, as the only turn of a session. */
    Turn alone(int asked, RandomGenerator random) {
        var text = new Text(QUESTION_STREAM + asked, question.sample(random));
        return new Turn(0, List.of(Message.of(Role.USER, text)), output.sample(random));
    }

    private double gap(RandomGenerator arrivals) {
        return Poisson.gap(arrivals, requestsPerSecond);
    }

    private static int[] lengths(int count, Lengths law, RandomGenerator random) {
        var lengths = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = law.sample(random);
        }
        return lengths;
    }
}
