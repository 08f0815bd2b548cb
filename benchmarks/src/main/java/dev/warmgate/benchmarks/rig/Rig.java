package dev.warmgate.benchmarks.rig;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time per request and added latency of several proxies, measured in one run on the same core under the same
 * load; run by {@code benchmarks/rig/run}, which says how it works.
 */
public final class Rig implements AutoCloseable {
    private static final Duration START_PAUSE = Duration.ofMillis(500);
    private static final Duration WARM_UP_STEP = Duration.ofSeconds(5);

    private final Options options;
    private final Path work;
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();
    private final StubEngine engines = new StubEngine(group, 2);
    private final Map<Arm, Server> servers = new EnumMap<>(Arm.class);
    private final Map<Arm, Integer> ports = new EnumMap<>(Arm.class);
    private final Map<Arm, String> versions = new EnumMap<>(Arm.class);
    private final Map<Shape, Bodies> bodies = new EnumMap<>(Shape.class);

    private Rig(Options options, Path work) {
        this.options = options;
        this.work = work;
    }

    /** See {@code benchmarks/rig/run --help}. */
    public static void main(String[] args) throws Exception {
        var options = Options.parse(args);
        if (options == null) {
            System.exit(2);
        }
        var work = Files.createTempDirectory("warmgate-rig");
        boolean good;
        try (var rig = new Rig(options, work)) {
            good = rig.run();
        }
        System.exit(good ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        start();
        if (!servers.containsKey(Arm.NGINX)) {
            System.err.println("nginx is what the others are compared with: install it (Debian: nginx-light)");
            return false;
        }
        var tables = new LinkedHashMap<Shape, Results>();
        for (Shape shape : options.shapes()) {
            tables.put(shape, measure(shape, tables.get(Shape.SMALL)));
        }
        print(tables);
        return true;
    }

    private void start() throws IOException, InterruptedException {
        for (Arm arm : options.arms()) {
            var version = arm.version();
            if (version.isEmpty()) {
                say("%s: not installed, left out", arm.label());
                continue;
            }
            int port = Arm.freePort();
            servers.put(arm, arm.start(engines.ports(), port, options.serverCore(), work));
            ports.put(arm, port);
            versions.put(arm, version.get());
            say("%s %s: started", arm.label(), version.get());
        }
        for (Arm arm : servers.keySet()) {
            waitUntilItAnswers(arm);
        }
    }

    /** Routers begin to answer some time after they listen, when they have found their engines healthy. */
    private void waitUntilItAnswers(Arm arm) throws InterruptedException {
        for (int i = 0; i < 60; i++) {
            var plan = new Driver.Plan(1, 10, Duration.ofMillis(300), Duration.ZERO);
            var result = load(arm, Shape.SMALL, plan).result();
            if (result.good() > 0 && result.bad() == 0) {
                return;
            }
            Thread.sleep(START_PAUSE);
        }
        throw new IllegalStateException(arm.label() + " does not answer; its log is in " + work);
    }

    private Results measure(Shape shape, Results small) {
        var results = new Results(shape);
        var rates = new EnumMap<Arm, Double>(Arm.class);
        for (Arm arm : servers.keySet()) {
            say("%s: %s warms up", shape.label(), arm.label());
            double capacity = warmUp(arm, shape);
            if (shape == Shape.LATENCY) {
                rates.put(arm, (small == null ? capacity : small.capacity(arm)) / 3);
            }
        }
        double common = common(rates);
        if (shape == Shape.LATENCY) {
            // At this rate once unmeasured: it is another load for the driver, too, whose first round would show its
            // compiler.
            rates.forEach((arm, rate) -> load(arm, shape, plan(shape, Math.min(common, rate), WARM_UP_STEP)));
        }
        var order = new ArrayList<>(servers.keySet());
        for (int round = 1; round <= options.rounds(); round++) {
            for (Arm arm : order) {
                double rate = Math.min(common, rates.getOrDefault(arm, 0.0));
                var measured = load(arm, shape, plan(shape, rate, options.duration()));
                results.add(arm, measured);
                say("%s, round %d: %s", shape.label(), round, results.line(arm, measured));
            }
            order.add(order.removeFirst());
        }
        return results;
    }

    /** Returns the rate that all but slower proxies get. */
    private static double common(Map<Arm, Double> rates) {
        return rates.entrySet().stream()
                .filter(entry -> entry.getKey().ordinal() <= Arm.WARMGATE.ordinal() && entry.getKey() != Arm.ENVOY)
                .mapToDouble(Map.Entry::getValue)
                .min()
                .orElse(0);
    }

    /** Warms a proxy up and returns how many requests a second it answered. */
    private double warmUp(Arm arm, Shape shape) {
        long units = 0;
        double seconds = 0;
        while (true) {
            var result = load(arm, shape, plan(shape, 0, WARM_UP_STEP)).result();
            units += shape.units(result);
            seconds += result.seconds();
            if (!arm.warmsUp()
                    || units >= shape.warmUp()
                    || seconds >= options.warmUp().toSeconds()) {
                return result.good() / result.seconds();
            }
        }
    }

    private static Driver.Plan plan(Shape shape, double rate, Duration duration) {
        return new Driver.Plan(shape.connections(), rate, duration, shape.spread());
    }

    private Measured load(Arm arm, Shape shape, Driver.Plan plan) {
        loop.submit(() -> engines.answer(shape.answers())).syncUninterruptibly();
        var what = bodies.computeIfAbsent(
                shape, s -> new Bodies(s.bytes(), s.conversations(), s.answers() instanceof StubEngine.Answers.Stream));
        var driver = new Driver(loop, ports.get(arm), what, shape == Shape.STREAM, plan);
        driver.connect();
        long cpu = servers.get(arm).cpuNanos();
        var result = driver.run();
        cpu = servers.get(arm).cpuNanos() - cpu;
        driver.close();
        return new Measured(result, cpu, plan.rate());
    }

    private void print(Map<Shape, Results> tables) {
        System.out.println();
        tables.forEach((shape, results) -> {
            System.out.println(shape.describe());
            System.out.println();
            results.print(versions);
            System.out.println();
        });
    }

    private static void say(String format, Object... what) {
        System.err.printf("rig: " + format + "%n", what);
    }

    @Override
    public void close() {
        servers.values().forEach(Server::close);
        engines.close();
        group.shutdownGracefully();
    }

    /** One round of one proxy. */
    record Measured(Driver.Result result, long cpuNanos, double rate) {}

    /** What was measured of all proxies in one shape. */
    static final class Results {
        private final Shape shape;
        private final Map<Arm, List<Measured>> rounds = new EnumMap<>(Arm.class);

        Results(Shape shape) {
            this.shape = shape;
        }

        void add(Arm arm, Measured measured) {
            rounds.computeIfAbsent(arm, _ -> new ArrayList<>()).add(measured);
        }

        /** Returns processor time per unit in microseconds. */
        private double cost(Measured measured) {
            return measured.cpuNanos / 1e3 / Math.max(1, shape.units(measured.result));
        }

        private static double perSecond(Measured measured) {
            return measured.result.good() / measured.result.seconds();
        }

        private static double percentile(Measured measured, double percent) {
            return measured.result.latency().getValueAtPercentile(percent) / 1e6;
        }

        double capacity(Arm arm) {
            return median(rounds.get(arm).stream().map(Results::perSecond).toList());
        }

        String line(Arm arm, Measured measured) {
            return String.format(
                    "%-24s %8.1f us CPU per %s, %,8.0f requests/s, %3.0f %% of a core, p50 %.3f ms, p99 %.3f ms, bad %d",
                    arm.label(),
                    cost(measured),
                    shape.unit(),
                    perSecond(measured),
                    measured.cpuNanos / 1e7 / measured.result.seconds(),
                    percentile(measured, 50),
                    percentile(measured, 99),
                    measured.result.bad());
        }

        void print(Map<Arm, String> versions) {
            boolean latency = shape == Shape.LATENCY;
            System.out.printf(
                    "| | CPU per %s | against nginx (rounds) | requests/s |%s bad answers |%n",
                    shape.unit(), latency ? " p50 | p99 |" : "");
            System.out.printf("|---|--:|--:|--:|%s--:|%n", latency ? "--:|--:|" : "");
            for (var entry : rounds.entrySet()) {
                var list = entry.getValue();
                var ratios = new ArrayList<Double>();
                for (int i = 0; i < list.size(); i++) {
                    ratios.add(cost(list.get(i)) / cost(rounds.get(Arm.NGINX).get(i)));
                }
                var sorted = ratios.stream().sorted().toList();
                System.out.printf(
                        "| %s %s | %.1f µs | %.2f (%.2f to %.2f) | %,.0f |",
                        entry.getKey().label(),
                        versions.get(entry.getKey()),
                        median(list.stream().map(this::cost).toList()),
                        median(ratios),
                        sorted.getFirst(),
                        sorted.getLast(),
                        median(list.stream().map(Results::perSecond).toList()));
                if (latency) {
                    System.out.printf(
                            " %.3f ms | %.3f ms |",
                            median(list.stream().map(m -> percentile(m, 50)).toList()),
                            median(list.stream().map(m -> percentile(m, 99)).toList()));
                }
                System.out.printf(
                        " %d |%n", list.stream().mapToLong(m -> m.result.bad()).sum());
            }
        }

        private static double median(List<Double> values) {
            var sorted = values.stream().sorted().toList();
            int half = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
        }
    }
}
