package dev.warmgate.benchmarks;

import dev.warmgate.router.Decision;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingStream;

/**
 * A long run at fleet scale without sockets: 1,000 endpoints, an index of 10 million blocks, 5,000 decisions a second;
 * run by {@code benchmarks/soak}.
 *
 * <p>Prints what it measured. Exits with 1 if a bound is broken: 12 bytes a block, 1 ms for 99 % of the decisions, 5 ms
 * for the longest pause of the collector and for the CPU time of the longest decision.
 */
public final class Soak {
    private static final int ENDPOINTS = 1_000;
    private static final int BLOCKS = 10_000_000;
    private static final int BYTES_PER_BLOCK = 12;
    private static final int DECISIONS_PER_SECOND = 5_000;
    private static final int DRIVERS = 2;

    /** More of these prompts would not fit into an engine. */
    private static final int IN_FLIGHT_PER_ENDPOINT = 8;

    /** Decisions between a request and its first token. */
    private static final int PREFILLING = 500;

    /** Ten million blocks are what the engines hold; the index would remember twice as much, so it works under pressure. */
    private static final long KV_CAPACITY_TOKENS = (long) BLOCKS * BigFleet.BLOCK_TOKENS / ENDPOINTS;

    /**
     * Sessions begin with 8,000 tokens, grow by 500 to 1,500 a turn, and end at 100,000. A turn comes after the answer to
     * the turn before.
     */
    private static final int FIRST_BLOCKS = 125;

    private static final int LAST_BLOCKS = 1_562;
    private static final int SESSIONS = 16_000;
    private static final double NANOS_PER_MS = 1e6;

    private final BigFleet fleet = new BigFleet(ENDPOINTS, KV_CAPACITY_TOKENS, (long) BYTES_PER_BLOCK * BLOCKS);
    private final AtomicLong longestPause = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private final List<String> broken = new ArrayList<>();

    private Soak() {}

    /** Runs for as many seconds as the only argument says, 120 without one. */
    public static void main(String[] args) throws Exception {
        int seconds = args.length == 0 ? 120 : Integer.parseInt(args[0]);
        var soak = new Soak();
        soak.run(seconds);
        System.out.println(soak.broken.isEmpty() ? "all bounds held" : "BROKEN: " + String.join("; ", soak.broken));
        System.exit(soak.broken.isEmpty() ? 0 : 1);
    }

    private void run(int seconds) throws Exception {
        var drivers = new ArrayList<Driver>();
        for (int i = 0; i < DRIVERS; i++) {
            drivers.add(new Driver(i));
        }
        long began = System.nanoTime();
        fill(drivers);
        var stats = fleet.pool().indexStats();
        System.out.printf(
                "filled in %.1f s: %,d blocks in %,d runs, %.1f bytes a block, pressure %.2f%n",
                (System.nanoTime() - began) / 1e9,
                stats.blocks(),
                stats.nodes(),
                (double) stats.bytes() / stats.blocks(),
                stats.pressure());

        try (var events = new RecordingStream();
                var executor = Executors.newFixedThreadPool(DRIVERS)) {
            events.enable("jdk.GCPhasePause").withoutThreshold();
            events.onEvent("jdk.GCPhasePause", event -> {
                pauses.incrementAndGet();
                longestPause.accumulateAndGet(event.getDuration().toNanos(), Math::max);
            });
            events.startAsync();
            began = System.nanoTime();
            for (var future : executor.invokeAll(runs(drivers, seconds))) {
                future.get();
            }
            double took = (System.nanoTime() - began) / 1e9;
            events.stop();
            report(drivers, took);
        }
    }

    private static List<Callable<Driver>> runs(List<Driver> drivers, int seconds) {
        var runs = new ArrayList<Callable<Driver>>();
        for (Driver driver : drivers) {
            runs.add(() -> driver.run(seconds));
        }
        return runs;
    }

    private void fill(List<Driver> drivers) throws Exception {
        try (var executor = Executors.newFixedThreadPool(DRIVERS)) {
            var futures = new ArrayList<Future<?>>();
            for (Driver driver : drivers) {
                futures.add(executor.submit(driver::fill));
            }
            for (var future : futures) {
                future.get();
            }
        }
    }

    private void report(List<Driver> drivers, double seconds) {
        int count = drivers.stream().mapToInt(driver -> driver.count).sum();
        long[] wall = sorted(drivers.stream().map(driver -> Arrays.copyOf(driver.wall, driver.count)));
        long[] cpu = sorted(drivers.stream().map(driver -> Arrays.copyOf(driver.cpu, driver.count)));
        System.out.printf("%,d decisions in %.1f s, %,.0f a second%n", count, seconds, count / seconds);
        print("decision, wall clock", wall);
        print("decision, CPU time", cpu);
        System.out.printf(
                "collector: %d pauses, the longest %.3f ms%n", pauses.get(), longestPause.get() / NANOS_PER_MS);
        var stats = fleet.pool().indexStats();
        double bytes = (double) stats.bytes() / stats.blocks();
        System.out.printf(
                "index: %,d blocks in %,d runs, %,d bytes, %.1f a block, pressure %.2f%n",
                stats.blocks(), stats.nodes(), stats.bytes(), bytes, stats.pressure());
        System.out.printf(
                "heap: %,d MiB used, the drivers' samples included%n",
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20);
        expect(stats.blocks() >= BLOCKS, "blocks: " + stats.blocks());
        expect(bytes <= BYTES_PER_BLOCK, "bytes a block: " + bytes);
        expect(percentile(wall, 0.99) <= NANOS_PER_MS, "p99 of decisions");
        expect(cpu[cpu.length - 1] <= 5 * NANOS_PER_MS, "longest decision");
        expect(longestPause.get() <= 5 * NANOS_PER_MS, "longest pause of the collector");
        expect(count / seconds >= 0.98 * DECISIONS_PER_SECOND, "decisions a second: " + count / seconds);
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            broken.add(what);
        }
    }

    private static long[] sorted(Stream<long[]> samples) {
        return samples.flatMapToLong(Arrays::stream).sorted().toArray();
    }

    private static void print(String name, long[] nanos) {
        System.out.printf(
                "%s: p50 %.3f, p99 %.3f, p99.9 %.3f, max %.3f ms%n",
                name,
                percentile(nanos, 0.5) / NANOS_PER_MS,
                percentile(nanos, 0.99) / NANOS_PER_MS,
                percentile(nanos, 0.999) / NANOS_PER_MS,
                nanos[nanos.length - 1] / NANOS_PER_MS);
    }

    private static long percentile(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(share * sorted.length))];
    }

    /** A request in flight of a session. */
    private record Turn(int session, Reservation reservation) {}

    /** One thread with sessions of its own. */
    private final class Driver {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        private final Random random;
        private final int firstSession;
        private final int[] blocks = new int[SESSIONS / DRIVERS];
        private final int[] generation = new int[SESSIONS / DRIVERS];
        private final boolean[] waiting = new boolean[SESSIONS / DRIVERS];
        private final ArrayDeque<Turn> prefilling = new ArrayDeque<>();
        private final ArrayDeque<Turn> decoding = new ArrayDeque<>();
        private long[] wall = new long[0];
        private long[] cpu = new long[0];
        private int count;

        private Driver(int number) {
            random = new Random(number);
            firstSession = number * blocks.length;
        }

        /** Gives each session one prompt of a length between the first and the last. */
        private void fill() {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = FIRST_BLOCKS + random.nextInt(LAST_BLOCKS - FIRST_BLOCKS);
                turnOver(i, fleet.route(BigFleet.request(BigFleet.prompt(firstSession + i, 0, blocks[i]))));
            }
        }

        private Driver run(int seconds) {
            long interval = 1_000_000_000L * DRIVERS / DECISIONS_PER_SECOND;
            int total = seconds * DECISIONS_PER_SECOND / DRIVERS;
            wall = new long[total];
            cpu = new long[total];
            long due = System.nanoTime();
            while (count < total) {
                due += interval;
                long wait;
                while ((wait = due - System.nanoTime()) > 0) {
                    LockSupport.parkNanos(wait);
                }
                decide();
            }
            return this;
        }

        private void decide() {
            int session = nextSession();
            var request = BigFleet.request(nextTurn(session));
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            long before = System.nanoTime();
            var reservation = fleet.route(request);
            wall[count] = System.nanoTime() - before;
            cpu[count] = THREADS.getCurrentThreadCpuTime() - cpuBefore;
            count++;
            turnOver(session, reservation);
        }

        private int nextSession() {
            // Squared: some sessions are more active than others.
            int i;
            do {
                i = (int) (blocks.length * random.nextDouble() * random.nextDouble());
            } while (waiting[i]);
            return i;
        }

        private PromptBlocks nextTurn(int i) {
            blocks[i] += 8 + random.nextInt(16);
            if (blocks[i] > LAST_BLOCKS) {
                generation[i]++;
                blocks[i] = FIRST_BLOCKS;
            }
            return BigFleet.prompt(firstSession + i, generation[i], blocks[i]);
        }

        /** What engines say: mostly what was believed; once in a while the cache was empty. */
        private Usage usage(Decision decision) {
            int cached = random.nextInt(50) == 0 ? 0 : decision.cachedTokens();
            return new Usage(decision.promptTokens(), cached, 250);
        }

        private void turnOver(int session, Reservation reservation) {
            waiting[session] = true;
            prefilling.add(new Turn(session, reservation));
            if (prefilling.size() > PREFILLING) {
                var answering = prefilling.remove();
                answering.reservation.firstToken();
                decoding.add(answering);
            }
            if (decoding.size() > ENDPOINTS * IN_FLIGHT_PER_ENDPOINT / DRIVERS) {
                var answered = decoding.remove();
                answered.reservation.settle(usage(answered.reservation.decision()));
                waiting[answered.session] = false;
            }
        }
    }
}
