package dev.warmgate.benchmarks;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.policy.Warm;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What looking at all endpoints of a fleet costs a small request: route, first token, settle; prompts of 4 KB that are hashed
 * already.
 *
 * <p>Between two requests a processor does something else, and what it knew of the endpoints leaves its nearest cache: each
 * operation first walks over {@code dirtyKilobytes}. {@link #walk} is that alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseZGC")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScanBenchmark {
    private static final int CONVERSATIONS = 256;
    private static final int PROMPT_BLOCKS = 16;
    private static final int SHARED_BLOCKS = 6;
    private static final int IN_FLIGHT = 32;

    @Param({"8", "100"})
    int endpoints;

    @Param({"0", "512"})
    int dirtyKilobytes;

    private final ArrayDeque<Reservation> inFlight = new ArrayDeque<>();
    private final Random random = new Random(2);
    private long ahead;
    private byte[] dirt;
    private Router router;
    private int fresh = CONVERSATIONS;

    @Setup
    public void fillTheFleet() {
        dirt = new byte[dirtyKilobytes << 10];
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(EndpointSpec.of(URI.create("http://127.0.0.1:" + (10_000 + i))));
        }
        var policy = Objects.requireNonNull(Policies.create(Policies.WARM));
        var pool = new Pool(PoolSpec.of("pool", List.of()), policy, () -> System.nanoTime() + ahead, new Random(1));
        pool.reconfigure(PoolSpec.of("pool", specs), AdmissionSettings.DEFAULT, new Warm());
        ahead = TimeUnit.HOURS.toNanos(1); // they came long ago
        pool.endpoints().forEach(endpoint -> endpoint.models(Set.of("a-model")));
        router = new Router(List.of(pool));
        for (int i = 0; i < CONVERSATIONS + IN_FLIGHT; i++) {
            turnOver(i % CONVERSATIONS, 0);
        }
    }

    /** What is measured beside the request. */
    @Benchmark
    public int walk() {
        int sum = 0;
        for (int i = 0; i < dirt.length; i += 64) {
            sum += dirt[i]++;
        }
        return sum;
    }

    /** The next turn of one of the conversations. */
    @Benchmark
    public int nextTurn() {
        turnOver(random.nextInt(CONVERSATIONS), 0);
        return walk();
    }

    /** A prompt of which only the beginning is known. */
    @Benchmark
    public int newSession() {
        turnOver(fresh++ % CONVERSATIONS, fresh);
        return walk();
    }

    /** Returns a prompt that shares its first blocks with those of an eighth of the sessions. */
    private static PromptBlocks prompt(int session, int generation) {
        var own = new SplittableRandom(((long) generation << 32) + session);
        var hashes = new long[PROMPT_BLOCKS];
        var ends = new int[PROMPT_BLOCKS];
        for (int k = 0; k < PROMPT_BLOCKS; k++) {
            hashes[k] = k < SHARED_BLOCKS ? (1L << 40) * (session % 8 + 1) + k : own.nextLong();
            ends[k] = (k + 1) * BigFleet.BLOCK_TOKENS;
        }
        return new PromptBlocks(hashes, ends);
    }

    private void turnOver(int session, int generation) {
        var request = new InferenceRequest("a-model", prompt(session, generation), 256, null);
        var reservation = ((RouteResult.Routed) router.route(request, Set.of())).reservation();
        reservation.firstToken();
        inFlight.add(reservation);
        if (inFlight.size() > IN_FLIGHT) {
            inFlight.remove().settle(Usage.UNKNOWN);
        }
    }
}
