package dev.warmgate.benchmarks;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Ticket;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.time.Duration;
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
 * What waiting costs, end to end: 100,000 requests of 1,000 flows and three priorities wait before a fleet whose endpoints
 * have as many in flight as may. Prompts are short and known to some endpoint, so that little of this is the prefix index.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseZGC", "-Xms2g", "-Xmx2g"})
@Warmup(iterations = 10, time = 2)
@Measurement(iterations = 5, time = 2)
public class AdmissionBenchmark {
    static final int WAITING = 100_000;
    static final int FLOWS = 1_000;

    private static final int PROMPT_TOKENS = 640;
    private static final long KV_CAPACITY_TOKENS = 100_000;
    /** From the first token of an answer to its end, in the time that the router sees: as many go as come. */
    private static final long ANSWER_NANOS = 5_000_000_000L;

    private static final int[] PRIORITIES = {10, 0, -10};

    @Param({"8", "100"})
    int endpoints;

    private final List<PromptBlocks> prompts = new ArrayList<>();
    private final List<Standing> standings = new ArrayList<>();
    private final ArrayDeque<Reservation> inFlight = new ArrayDeque<>();
    private final Random random = new Random(1);
    private Router router;
    private long now;

    /** Returns the standing of a flow: half of them are tenants, the other half one tenant's. */
    static Standing standing(int flow) {
        String tenant = flow % 2 == 0 ? "tenant-" + flow : "front-end";
        return new Standing(
                PRIORITIES[flow % PRIORITIES.length],
                tenant,
                flow % 2 == 0 ? tenant : tenant + "/" + flow,
                1,
                Standing.NONE,
                Standing.NONE,
                Standing.NONE);
    }

    @Setup
    public void fill() {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(EndpointSpec.of(URI.create("http://127.0.0.1:" + (10_000 + i))));
        }
        var spec = new PoolSpec("pool", specs, Set.of("m"), HealthPolicy.DEFAULT, KV_CAPACITY_TOKENS, 64L << 20);
        var settings =
                new AdmissionSettings(true, Duration.ofHours(1), 10L * WAITING, 1L << 40, List.of(), 10L * WAITING);
        var policy = Objects.requireNonNull(Policies.create(Policies.WARM));
        router = new Router(List.of(new Pool(spec, settings, policy, () -> now, new Random(1))));
        for (int i = 0; i < FLOWS; i++) {
            prompts.add(prompt(i));
            standings.add(standing(i));
        }
        for (int i = 0; router.waiting() < WAITING; i++) {
            admit(i % FLOWS);
        }
    }

    private static PromptBlocks prompt(int session) {
        var hashes = new long[PROMPT_TOKENS / BigFleet.BLOCK_TOKENS];
        var ends = new int[hashes.length];
        for (int k = 0; k < hashes.length; k++) {
            hashes[k] = (session * 1_000L + k) * 0x9E3779B97F4A7C15L;
            ends[k] = (k + 1) * BigFleet.BLOCK_TOKENS;
        }
        return new PromptBlocks(hashes, ends);
    }

    private RouteResult admit(int flow) {
        var request =
                new InferenceRequest("m", prompts.get(flow), 256, null).with(standings.get(flow), 4 * PROMPT_TOKENS);
        var result = router.admit(request, this::told);
        told(result);
        return result;
    }

    private void told(RouteResult result) {
        if (result instanceof RouteResult.Routed(var reservation)) {
            reservation.firstToken();
            inFlight.add(reservation);
        }
    }

    /** A request comes, waits, and its client leaves. */
    @Benchmark
    public boolean enqueueAndLeave() {
        return admit(random.nextInt(FLOWS)) instanceof RouteResult.Queued(Ticket ticket) && ticket.leave();
    }

    /** A request comes and waits; another one ends, so that one of those that wait goes. */
    @Benchmark
    public int enqueueAndDispatch() {
        now += ANSWER_NANOS / inFlight.size();
        admit(random.nextInt(FLOWS));
        inFlight.remove().settle(Usage.UNKNOWN);
        return inFlight.size();
    }

    /** What is looked at every ten milliseconds. */
    @Benchmark
    public void tick() {
        router.tick();
    }
}
