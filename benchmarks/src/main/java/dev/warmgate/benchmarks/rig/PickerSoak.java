package dev.warmgate.benchmarks.rig;

import dev.warmgate.benchmarks.rig.PickerDriver.Plan;
import java.io.IOException;
import java.time.Duration;

/**
 * Requests of which many are given up at random moments, at half of the picker's capacity, and many streams that stay open;
 * run by {@code benchmarks/picker}. Exits with 1 if anything stays booked, memory grows or a request fails.
 */
public final class PickerSoak {
    private static final Duration STEP = Duration.ofSeconds(5);
    private static final double ABORTED = 0.3;
    private static final int OPENED_PER_SECOND = 500;

    /** Growth of RSS from the first quarter of the time on that counts as none. */
    private static final double FLAT = 1.1;

    private PickerSoak() {}

    /** Arguments: {@code soak} and seconds or {@code streams} and how many, endpoints, the picker's core. */
    public static void main(String[] args) throws Exception {
        int amount = Integer.parseInt(args[1]);
        boolean good;
        try (var lab = new PickerLab(Integer.parseInt(args[2]), args[3])) {
            good = args[0].equals("soak") ? soak(lab, Duration.ofSeconds(amount)) : streams(lab, amount);
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean soak(PickerLab lab, Duration time) throws IOException, InterruptedException {
        double capacity = 0;
        for (int i = 0; i < 6; i++) {
            var result = lab.run(plan(1_000, 0, STEP, 0));
            capacity = result.done() / result.seconds();
        }
        System.out.printf("capacity: %,.0f requests/s%n", capacity);
        long done = 0;
        long given = 0;
        long bad = 0;
        long early = 0;
        double slowest = 0;
        var spent = Duration.ZERO;
        while (spent.compareTo(time) < 0) {
            // Anew each time: connections come and go with their streams.
            var result = lab.run(plan(5_000, capacity / 2, STEP, ABORTED));
            done += result.done();
            given += result.given();
            bad += result.bad();
            slowest = Math.max(slowest, result.placed().getValueAtPercentile(99) / 1e6);
            spent = spent.plus(STEP);
            if (early == 0 && spent.multipliedBy(4).compareTo(time) >= 0) {
                early = lab.server().residentBytes();
            }
        }
        long late = lab.server().residentBytes();
        double booked = lab.metric("warmgate_endpoint_in_flight");
        System.out.printf(
                "%d s: %,d answered, %,d given up at random moments, %,d failed; slowest 5 s: p99 until placed %.1f ms%n",
                time.toSeconds(), done, given, bad, slowest);
        System.out.printf(
                "RSS %d MiB after a quarter of the time, %d MiB at its end; in flight at the end: %.0f%n",
                early >> 20, late >> 20, booked);
        return bad == 0 && booked == 0 && late <= early * FLAT;
    }

    private static Plan plan(int calls, double rate, Duration time, double aborted) {
        return new Plan(calls, rate, time, 4 << 10, 20, Duration.ofMillis(5), aborted, false);
    }

    private static boolean streams(PickerLab lab, int streams) throws IOException, InterruptedException {
        lab.run(plan(4, 100, STEP, 0));
        long before = lab.server().residentBytes();
        var opening = Duration.ofSeconds(streams / OPENED_PER_SECOND + 1);
        var driver = lab.driver(
                new Plan(streams, streams / (double) opening.toSeconds(), opening, 4 << 10, 20, STEP, 0, true));
        var result = driver.run();
        double booked = lab.metric("warmgate_endpoint_in_flight");
        long during = lab.server().residentBytes();
        driver.close();
        Thread.sleep(STEP);
        double after = lab.metric("warmgate_endpoint_in_flight");
        System.out.printf(
                "%.0f streams open: RSS %d MiB before, %d MiB with them, %.1f KiB each; failed %d; in flight after: %.0f%n",
                booked, before >> 20, during >> 20, (during - before) / 1024.0 / booked, result.bad(), after);
        return result.bad() == 0 && after == 0;
    }
}
