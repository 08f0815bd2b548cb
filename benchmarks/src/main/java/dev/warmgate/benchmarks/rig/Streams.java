package dev.warmgate.benchmarks.rig;

import java.time.Duration;

/** What many streams that are open and silent cost in memory; run by {@code benchmarks/streams}. */
public final class Streams {
    /** Well below the 256 that Warmgate sends to one. */
    private static final int STREAMS_PER_ENGINE = 150;

    private static final int OPENED_PER_SECOND = 500;
    private static final Duration WARM_UP = Duration.ofSeconds(5);

    private Streams() {}

    /** Arguments: the number of streams, the proxy's core, the proxies. */
    public static void main(String[] args) throws Exception {
        int streams = Integer.parseInt(args[0]);
        System.out.println("| | RSS before | with " + streams + " streams | each | after |");
        System.out.println("|---|--:|--:|--:|--:|");
        for (String name : args[2].split(",", -1)) {
            var arm = Arm.of(name).orElseThrow(() -> new IllegalArgumentException(name + ": unknown"));
            try (var lab = new Lab(arm, (streams + STREAMS_PER_ENGINE - 1) / STREAMS_PER_ENGINE, args[1])) {
                measure(name, lab, streams);
            }
        }
        System.exit(0);
    }

    private static void measure(String name, Lab lab, int streams) throws InterruptedException {
        // Few requests: memory that these leave behind would be taken for none that streams need.
        var _ = lab.run(new StubEngine.Answers.Whole(0), new Driver.Plan(4, 100, WARM_UP, Duration.ZERO));
        long before = lab.server().residentBytes();
        var opening = Duration.ofSeconds(streams / OPENED_PER_SECOND + 1);
        var driver = lab.driver(new StubEngine.Answers.Hanging(), new Driver.Plan(streams, 0, opening, opening));
        var result = driver.run();
        long during = lab.server().residentBytes();
        driver.close();
        Thread.sleep(5_000);
        System.out.printf(
                "| %s | %.0f MiB | %.0f MiB | %.1f KiB | %.0f MiB |%n",
                name,
                mebi(before),
                mebi(during),
                (during - before) / 1024.0 / streams,
                mebi(lab.server().residentBytes()));
        if (result.events() < streams) {
            System.out.printf("%s: only %d of %d streams began%n", name, result.events(), streams);
        }
    }

    private static double mebi(long bytes) {
        return bytes / 1048576.0;
    }
}
