package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Single questions behind shared prefixes: each prefix belongs to a tenant, or to a group of users of one application.
 *
 * <p>Requests arrive as a Poisson process.
 *
 * @param name the workload's name
 * @param prefixes how many prefixes there are
 * @param skew exponent of the Zipf law by which requests choose a prefix; 0 for all alike
 * @param prefixTokens length of each prefix
 * @param questionTokens length of what is asked, different each time
 * @param output tokens per answer
 * @param requestsPerSecond rate of requests
 * @param tenants whether each prefix is a tenant's
 */
record PrefixWorkload(
        String name,
        int prefixes,
        double skew,
        int prefixTokens,
        int questionTokens,
        LogNormal output,
        double requestsPerSecond,
        boolean tenants) {
    /** Tokens per answer: mean 300. */
    private static final LogNormal OUTPUT = LogNormal.ofMean(300, 0.6);

    /** 400 tenants, few of them busy; their prefixes alone fill 98 % of eight endpoints' KV caches. */
    static final PrefixWorkload TENANTS = new PrefixWorkload("tenants", 400, 1.0, 6_000, 1_200, OUTPUT, 20, true);

    /** 150 groups, all equally busy. */
    static final PrefixWorkload GROUPS = new PrefixWorkload("groups", 150, 0, 6_000, 1_200, OUTPUT, 20, false);

    private static final long PREFIX_STREAM = 1L << 52;
    private static final long QUESTION_STREAM = PREFIX_STREAM + (1L << 32);
    private static final int MAX_OUTPUT = 16_000;

    /** Returns the requests of {@code seconds}, all times multiplied by {@code timeScale}. */
    Plan plan(long seed, double seconds, double timeScale) {
        var arrivals = new SplittableRandom(seed);
        var random = arrivals.split();
        var shares = new Zipf(prefixes, skew);
        var requests = new ArrayList<PlannedRequest>();
        double at = Poisson.gap(arrivals, requestsPerSecond);
        for (int i = 0; at < seconds; i++) {
            int prefix = shares.sample(random);
            requests.add(PlannedRequest.alone(
                    null,
                    tenants ? "tenant-" + prefix : null,
                    at * timeScale,
                    List.of(
                            Message.of(Role.SYSTEM, new Text(PREFIX_STREAM + prefix, prefixTokens)),
                            Message.of(Role.USER, new Text(QUESTION_STREAM + i, questionTokens))),
                    Plan.answer(i, output.sampleCount(random, MAX_OUTPUT))));
            at += Poisson.gap(arrivals, requestsPerSecond);
        }
        return new Plan(name, requests);
    }
}
