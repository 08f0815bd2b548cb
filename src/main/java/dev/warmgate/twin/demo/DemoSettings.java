package dev.warmgate.twin.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a demo runs.
 *
 * @param policies names of the routing policies, in the order they run; not empty, none twice
 * @param replicas simulated model servers; 1 to 64
 * @param seed of the workload
 * @param duration real time during which requests begin, for each policy; at least 1 s
 * @param speedUp model seconds per real second; above 0, at most 100
 * @param json where the figures go, or null for nowhere
 * @param html where the report goes
 */
public record DemoSettings(
        List<String> policies,
        int replicas,
        long seed,
        Duration duration,
        double speedUp,
        @Nullable Path json,
        Path html) {
    /** The policies compared unless told otherwise. */
    public static final List<String> DEFAULT_POLICIES = List.of("round-robin", "warm");

    /** Simulated model servers unless told otherwise. */
    public static final int DEFAULT_REPLICAS = 8;

    /** The workload's seed unless told otherwise. */
    public static final long DEFAULT_SEED = 1;

    /** Length of the offered load unless told otherwise. */
    public static final Duration DEFAULT_DURATION = Duration.ofSeconds(11);

    /** Model seconds per real second unless told otherwise: what two cores can carry without being the bottleneck. */
    public static final double DEFAULT_SPEED_UP = 20;

    /** Where the report goes unless told otherwise. */
    public static final Path DEFAULT_HTML = Path.of("warmgate-demo.html");

    private static final int MAX_REPLICAS = 64;
    private static final double MAX_SPEED_UP = 100;

    /**
     * Checks everything but the policies' names, which the gateway knows.
     *
     * @throws IllegalArgumentException naming the value and what is allowed
     */
    public DemoSettings {
        policies = List.copyOf(policies);
        require(
                !policies.isEmpty() && policies.stream().distinct().count() == policies.size(),
                "policies",
                policies,
                "at least one, none twice");
        require(replicas >= 1 && replicas <= MAX_REPLICAS, "replicas", replicas, "1 to " + MAX_REPLICAS);
        require(duration.toMillis() >= 1000, "duration", duration, "at least 1 s");
        require(speedUp > 0 && speedUp <= MAX_SPEED_UP, "speed-up", speedUp, "above 0, at most 100");
    }

    /** Returns the default settings. */
    public static DemoSettings defaults() {
        return new DemoSettings(
                DEFAULT_POLICIES,
                DEFAULT_REPLICAS,
                DEFAULT_SEED,
                DEFAULT_DURATION,
                DEFAULT_SPEED_UP,
                null,
                DEFAULT_HTML);
    }

    /** Returns how much model time the offered load spans. */
    double windowSeconds() {
        return duration.toNanos() * 1e-9 * speedUp;
    }

    private static void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
