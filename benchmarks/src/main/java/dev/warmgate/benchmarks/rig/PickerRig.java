package dev.warmgate.benchmarks.rig;

import dev.warmgate.benchmarks.rig.PickerDriver.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the endpoint picker costs; run by {@code benchmarks/picker}, which says how it works. */
public final class PickerRig {
    private static final Duration WARM_UP_STEP = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** A kind of request. */
    private enum Shape {
        SMALL("4 KB", 4 << 10, 1, 32, 2_000),
        STREAM("4 KB, 20 events", 4 << 10, 20, 64, 500),
        MEDIUM("100 KB", 100 << 10, 1, 16, 500),
        LARGE("400 KB", 400 << 10, 1, 8, 100);

        private final String label;
        private final int bytes;
        private final int events;
        private final int calls;
        private final int rate;

        Shape(String label, int bytes, int events, int calls, int rate) {
            this.label = label;
            this.bytes = bytes;
            this.events = events;
            this.calls = calls;
            this.rate = rate;
        }

        static Shape of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }

        Plan plan(double rate, Duration duration) {
            return new Plan(rate > 0 ? 10_000 : calls, rate, duration, bytes, events, Duration.ZERO, 0, false);
        }
    }

    private PickerRig() {}

    /** Arguments: endpoints, the picker's core, seconds of warming up, seconds of a round, rounds, shapes. */
    public static void main(String[] args) throws Exception {
        int endpoints = Integer.parseInt(args[0]);
        var warmUp = Duration.ofSeconds(Integer.parseInt(args[2]));
        var round = Duration.ofSeconds(Integer.parseInt(args[3]));
        try (var lab = new PickerLab(endpoints, args[1])) {
            var shapes = Arrays.stream(args[5].split(",", -1)).map(Shape::of).toList();
            measure(lab, shapes, endpoints, warmUp, round, Integer.parseInt(args[4]));
        }
        System.exit(0);
    }

    private static void measure(
            PickerLab lab, List<Shape> shapes, int endpoints, Duration warmUp, Duration round, int rounds)
            throws IOException, InterruptedException {
        for (var shape : shapes) {
            System.err.printf("picker: %s: warms up%n", shape.label);
            warmUp(lab, shape, 0, warmUp);
        }
        double idle = lab.idleShare(IDLE);
        System.out.printf("%d endpoints, each with 40 KB of metrics; idle: %.3f of a core%n%n", endpoints, idle);
        System.out.println("| request | CPU per request | without the idle share | requests/s |"
                + " p50, p99 until placed | at requests/s, load busy | failed |");
        System.out.println("|---|--:|--:|--:|--:|--:|--:|");
        for (var shape : shapes) {
            measure(lab, shape, idle, warmUp, round, rounds);
        }
        System.out.printf(
                "%nRSS %d MiB; in flight at the end: %.0f%n",
                lab.server().residentBytes() >> 20, lab.metric("warmgate_endpoint_in_flight"));
    }

    private static void warmUp(PickerLab lab, Shape shape, double rate, Duration time) {
        for (var spent = Duration.ZERO; spent.compareTo(time) < 0; spent = spent.plus(WARM_UP_STEP)) {
            lab.run(shape.plan(rate, WARM_UP_STEP));
        }
    }

    private static void measure(PickerLab lab, Shape shape, double idle, Duration warmUp, Duration round, int rounds) {
        List<Double> costs = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        long bad = 0;
        for (int i = 0; i < rounds; i++) {
            long cpu = lab.server().cpuNanos();
            var result = lab.run(shape.plan(0, round));
            cpu = lab.server().cpuNanos() - cpu;
            costs.add(cpu / 1e3 / Math.max(1, result.done()));
            rates.add(result.done() / result.seconds());
            bad += result.bad();
        }
        double rate = median(rates);
        System.err.printf("picker: %s: %,d requests/s%n", shape.label, shape.rate);
        warmUp(lab, shape, shape.rate, warmUp); // a picker that waits between requests is compiled anew
        long load = ownCpuNanos();
        var calm = lab.run(shape.plan(shape.rate, round));
        load = ownCpuNanos() - load;
        System.out.printf(
                "| %s | %.0f µs | %.0f µs | %,.0f | %.2f, %.2f ms | %,d, %.0f %% | %d |%n",
                shape.label,
                median(costs),
                median(costs) - idle * 1e6 / rate,
                rate,
                calm.placed().getValueAtPercentile(50) / 1e6,
                calm.placed().getValueAtPercentile(99) / 1e6,
                shape.rate,
                load / 1e7 / calm.seconds(),
                bad + calm.bad());
    }

    private static long ownCpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
