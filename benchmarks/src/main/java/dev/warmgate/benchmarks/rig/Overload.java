package dev.warmgate.benchmarks.rig;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Ten times as much load as the engines can take, for minutes; run by {@code benchmarks/overload}. Exits with 1 if memory
 * grows, health is slow, a request gets no answer, or things are not as before after five seconds.
 */
public final class Overload {
    private static final int ENGINES = 2;

    /** What Warmgate sends to an engine that says nothing else. */
    private static final int IN_FLIGHT_PER_ENGINE = 256;

    private static final Duration ANSWER = Duration.ofSeconds(1);
    private static final double CAPACITY = ENGINES * IN_FLIGHT_PER_ENGINE / (double) ANSWER.toSeconds();
    private static final int TIMES = 10;
    private static final int CONNECTIONS = 5_000;
    private static final Duration PROBE = Duration.ofMillis(50);
    private static final Duration RECOVERY = Duration.ofSeconds(5);

    /** Growth from the end of the first fifth on that counts as none. */
    private static final double FLAT = 1.1;

    private final Lab lab;
    private final List<Long> memory = new ArrayList<>();
    private final Histogram health = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private final List<String> broken = new ArrayList<>();
    private volatile boolean over;

    private Overload(Lab lab) {
        this.lab = lab;
    }

    /** Arguments: seconds, the proxy's core. */
    public static void main(String[] args) throws Exception {
        List<String> broken;
        try (var lab = new Lab(Arm.WARMGATE, ENGINES, args[1])) {
            var overload = new Overload(lab);
            overload.run(Duration.ofSeconds(Integer.parseInt(args[0])));
            broken = overload.broken;
        }
        System.out.println(broken.isEmpty() ? "all bounds held" : "BROKEN: " + String.join("; ", broken));
        System.exit(broken.isEmpty() ? 0 : 1);
    }

    private void run(Duration duration) throws InterruptedException {
        var answers = new StubEngine.Answers.Whole(ANSWER.toNanos());
        print("before, at half of capacity", lab.run(answers, gentle()));
        var watch = Thread.ofPlatform().daemon().start(this::watch);
        var result = lab.run(answers, new Driver.Plan(CONNECTIONS, TIMES * CAPACITY, duration, Duration.ZERO));
        over = true;
        watch.join();
        print("overloaded ten times", result);
        expect(result.unanswered() == 0 && result.statuses().getOrDefault(0, 0L) == 0, "requests without an answer");
        var after = lab.run(answers, gentle());
        print("the five seconds after", after);
        after = lab.run(answers, gentle());
        print("then", after);
        expect(after.bad() == 0, "not recovered");

        System.out.printf(
                "health: %,d checks, p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
                health.getTotalCount(),
                health.getValueAtPercentile(50) / 1e6,
                health.getValueAtPercentile(99) / 1e6,
                health.getMaxValue() / 1e6);
        expect(health.getValueAtPercentile(99) < 50e6, "p99 of health");
        long early = memory.get(memory.size() / 5);
        long late = memory.getLast();
        System.out.printf("RSS: %d MiB after a fifth of the time, %d MiB at its end%n", early >> 20, late >> 20);
        expect(late <= early * FLAT, "RSS grows");
    }

    private static Driver.Plan gentle() {
        return new Driver.Plan(CONNECTIONS / TIMES, CAPACITY / 2, RECOVERY, Duration.ZERO);
    }

    private void watch() {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + lab.adminPort() + "/healthz"))
                .timeout(Duration.ofSeconds(30))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            while (!over) {
                long began = System.nanoTime();
                boolean good = client.send(request, BodyHandlers.discarding()).statusCode() == 200;
                health.recordValue(good ? System.nanoTime() - began : health.getHighestTrackableValue());
                memory.add(lab.server().residentBytes());
                Thread.sleep(PROBE);
            }
        } catch (IOException | InterruptedException e) {
            health.recordValue(health.getHighestTrackableValue());
        }
    }

    private static void print(String what, Driver.Result result) {
        System.out.printf(
                "%s: %,d requests due in %.0f s, answers by status %s, sent and not answered %d, p99 of good ones %.2f s%n",
                what,
                result.due(),
                result.seconds(),
                result.statuses(),
                result.unanswered(),
                result.latency().getValueAtPercentile(99) / 1e9);
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            broken.add(what);
        }
    }
}
