package dev.warmgate.benchmarks.rig;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** A kind of load. */
enum Shape {
    SMALL("small", "request", 4096, 256, 32, 400_000, new StubEngine.Answers.Whole(0)),
    LARGE("large", "request", 400 << 10, 16, 8, 15_000, new StubEngine.Answers.Whole(0)),
    STREAM(
            "stream",
            "event",
            4096,
            256,
            256,
            300_000,
            new StubEngine.Answers.Stream(Duration.ofMillis(25).toNanos())),
    LATENCY("latency", "request", 4096, 256, 64, 400_000, new StubEngine.Answers.Whole(0));

    private final String label;
    private final String unit;
    private final int bytes;
    private final int conversations;
    private final int connections;
    private final int warmUp;
    private final StubEngine.Answers answers;

    Shape(
            String label,
            String unit,
            int bytes,
            int conversations,
            int connections,
            int warmUp,
            StubEngine.Answers answers) {
        this.label = label;
        this.unit = unit;
        this.bytes = bytes;
        this.conversations = conversations;
        this.connections = connections;
        this.warmUp = warmUp;
        this.answers = answers;
    }

    static Optional<Shape> of(String label) {
        return Arrays.stream(values())
                .filter(shape -> shape.label.equals(label))
                .findFirst();
    }

    String label() {
        return label;
    }

    /** Returns how many answers or events processor time is divided by. */
    long units(Driver.Result result) {
        return answers instanceof StubEngine.Answers.Stream ? result.events() : result.good();
    }

    /** Returns what these are. */
    String unit() {
        return unit;
    }

    int bytes() {
        return bytes;
    }

    int conversations() {
        return conversations;
    }

    int connections() {
        return connections;
    }

    /** Returns after how many answers or events a compiler that compiles what runs often has done with it. */
    int warmUp() {
        return warmUp;
    }

    StubEngine.Answers answers() {
        return answers;
    }

    /** Returns over how long the connections begin: streams shall not all get their events at once. */
    Duration spread() {
        return answers instanceof StubEngine.Answers.Stream(long interval)
                ? Duration.ofNanos(interval * StubEngine.EVENTS)
                : Duration.ZERO;
    }

    String describe() {
        return switch (this) {
            case SMALL ->
                "Bodies of 4 KB, " + connections + " connections, each sends again as soon as it is answered:";
            case LARGE ->
                "Bodies of 400 KB, " + connections + " connections, each sends again as soon as it is answered:";
            case STREAM -> connections + " streams of " + StubEngine.EVENTS + " events, 25 ms apart; bodies of 4 KB:";
            case LATENCY ->
                "Bodies of 4 KB at a third of capacity, Poisson arrivals; latency from the moment a request was due:";
        };
    }
}
