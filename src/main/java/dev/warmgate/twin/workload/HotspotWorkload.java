package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Bursty single questions, most of them about whatever is hot at the moment.
 *
 * <p>In the first quarter of the run, requests choose among many prefixes alike. In each later quarter, most ask about one
 * long prefix that nobody has used before. Arrivals are a Poisson process, at twice the mean rate for 10 s of every 40 s
 * and at two thirds of it otherwise.
 */
final class HotspotWorkload {
    static final String NAME = "hotspot";

    private static final double REQUESTS_PER_SECOND = 30;
    private static final double CYCLE_SECONDS = 40;
    private static final double BURST_SECONDS = 10;
    private static final double BURST = 2;
    private static final double CALM = 2 / 3.0;

    private static final int QUARTERS = 4;
    private static final double HOT_SHARE = 0.7;
    private static final int HOT_TOKENS = 12_000;
    private static final int PREFIXES = 400;
    private static final int PREFIX_TOKENS = 6_000;

    private static final LogNormal QUESTION = new LogNormal(Math.log(400), 0.6);
    private static final LogNormal OUTPUT = new LogNormal(Math.log(200), 0.7);
    private static final int MAX_TOKENS = 16_000;

    private static final long HOT_STREAM = 1L << 53;
    private static final long PREFIX_STREAM = HOT_STREAM + (1L << 16);
    private static final long QUESTION_STREAM = HOT_STREAM + (1L << 32);

    private HotspotWorkload() {}

    /** Returns the requests of {@code seconds}, all times multiplied by {@code timeScale}. */
    static Plan plan(long seed, double seconds, double timeScale) {
        var arrivals = new SplittableRandom(seed);
        var random = arrivals.split();
        var requests = new ArrayList<PlannedRequest>();
        for (double at = next(arrivals, 0); at < seconds; at = next(arrivals, at)) {
            int index = requests.size();
            var question = new Text(QUESTION_STREAM + index, QUESTION.sampleCount(random, MAX_TOKENS));
            requests.add(PlannedRequest.alone(
                    null,
                    null,
                    at * timeScale,
                    List.of(
                            Message.of(Role.SYSTEM, prefix(random, (int) (at / seconds * QUARTERS))),
                            Message.of(Role.USER, question)),
                    Plan.answer(index, OUTPUT.sampleCount(random, MAX_TOKENS))));
        }
        return new Plan(NAME, requests);
    }

    private static Text prefix(RandomGenerator random, int quarter) {
        return quarter > 0 && random.nextDouble() < HOT_SHARE
                ? new Text(HOT_STREAM + quarter, HOT_TOKENS)
                : new Text(PREFIX_STREAM + random.nextInt(PREFIXES), PREFIX_TOKENS);
    }

    /** Returns the next arrival: arrivals at the burst's rate, thinned where it is calm. */
    private static double next(RandomGenerator arrivals, double after) {
        double at = after;
        double rate;
        do {
            at += Poisson.gap(arrivals, REQUESTS_PER_SECOND * BURST);
            rate = at % CYCLE_SECONDS < BURST_SECONDS ? BURST : CALM;
        } while (arrivals.nextDouble() * BURST >= rate);
        return at;
    }
}
