package dev.warmgate.benchmarks;

import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.dialect.RequestReader;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptHasher;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
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
 * What one request costs before it is sent on: scan of a 32 KB chat body, hash, lookup, cost, reserve.
 *
 * <p>The fleet is loaded: 16 requests in flight per endpoint, and an index full of 2,000 conversations that share one
 * harness prompt of 16 KB and go on for 16 KB of their own. Each operation is the next turn of
 * one of them, and settles the oldest request in flight.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseZGC")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DecisionBenchmark {
    private static final int CONVERSATIONS = 2_000;
    private static final int IN_FLIGHT_PER_ENDPOINT = 16;
    private static final Set<dev.warmgate.router.Endpoint> NONE_TRIED = Set.of();

    @Param({"8", "100"})
    int endpoints;

    private final PromptHasher hasher = new PromptHasher(42);
    private final RequestReader reader = new RequestReader();
    private final ArrayDeque<Reservation> inFlight = new ArrayDeque<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<PromptBlocks> prompts = new ArrayList<>();
    private Router router;
    private int next;

    @Setup
    public void fillTheFleet() {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(EndpointSpec.of(URI.create("http://127.0.0.1:" + (10_000 + i))));
        }
        var policy = Objects.requireNonNull(Policies.create(Policies.WARM));
        router = new Router(List.of(new Pool(PoolSpec.of("pool", specs), policy, System::nanoTime, new Random(1))));
        var random = new Random(2);
        String harness = text(random, 16_000);
        for (int i = 0; i < CONVERSATIONS; i++) {
            byte[] body = ("{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"system\",\"content\":\""
                            + harness + "\"},{\"role\":\"user\",\"content\":\"" + text(random, 16_000) + "\"}]}")
                    .getBytes(StandardCharsets.UTF_8);
            bodies.add(body);
            prompts.add(read(body).prompt());
        }
        for (int i = 0; i < endpoints * IN_FLIGHT_PER_ENDPOINT; i++) {
            inFlight.add(route(new InferenceRequest("m", prompts.get(i % CONVERSATIONS), -1, null)));
        }
        for (var request : inFlight) {
            request.firstToken();
        }
    }

    /** The body as bytes to hashed blocks. */
    @Benchmark
    public InferenceRequest scanAndHash() {
        return read(bodies.get(next()));
    }

    /** Lookup, cost, reserve and settle, for a prompt that is hashed already. */
    @Benchmark
    public Reservation decide() {
        return turnOver(new InferenceRequest("m", prompts.get(next()), -1, null));
    }

    /** Everything between the last body byte and the endpoint chosen. */
    @Benchmark
    public Reservation scanHashAndDecide() {
        return turnOver(read(bodies.get(next())));
    }

    private Reservation turnOver(InferenceRequest request) {
        var reservation = route(request);
        reservation.firstToken();
        inFlight.add(reservation);
        inFlight.remove().settle(Usage.UNKNOWN);
        return reservation;
    }

    private int next() {
        next = next + 1 == CONVERSATIONS ? 0 : next + 1;
        return next;
    }

    private InferenceRequest read(byte[] body) {
        return switch (reader.read(Dialect.OPENAI_CHAT, body, 0, body.length, hasher)) {
            case ReadResult.Understood understood ->
                new InferenceRequest(understood.model(), hasher.finish(), understood.maxOutputTokens(), null);
            case ReadResult.Refused refused -> throw new IllegalStateException(refused.toString());
        };
    }

    private Reservation route(InferenceRequest request) {
        return ((RouteResult.Routed) router.route(request, NONE_TRIED)).reservation();
    }

    private static String text(Random random, int length) {
        var text = new StringBuilder(length);
        while (text.length() < length) {
            for (int i = 0; i < 5; i++) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            text.append(' ');
        }
        return text.toString();
    }
}
