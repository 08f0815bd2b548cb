package dev.warmgate.benchmarks;

import dev.warmgate.router.Reservation;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptHasher;
import java.util.ArrayDeque;
import java.util.Random;
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
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What a decision costs in a big fleet: lookup, cost, reserve, settle; for prompts that are hashed already.
 *
 * <p>The index holds three million blocks before it begins, in sessions of the measured length, and 16 requests are in
 * flight per endpoint, or as many as fit into its KV cache. Each operation routes one request, and settles the oldest in flight. Making the prompt is
 * included: 1 µs at 8,000 tokens, 5 µs at 100,000.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseZGC", "-Xms3g", "-Xmx3g"})
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScaleBenchmark {
    private static final int BLOCKS = 3_000_000;
    private static final int MOST_IN_FLIGHT_PER_ENDPOINT = 16;
    private static final int TURN_BLOCKS = 8;
    private static final int TURNS = 8;

    @Param({"100", "1000"})
    int endpoints;

    @Param({"8000", "100000"})
    int promptTokens;

    private BigFleet fleet;
    private int blocks;
    private int sessions;
    private int inFlightPerEndpoint;

    /** Requests in flight of one thread, and its sessions. */
    @State(Scope.Thread)
    public static class Client {
        private final ArrayDeque<Reservation> inFlight = new ArrayDeque<>();
        private Random random;
        private int turn;
        private int coldSession;
        private byte[] text = new byte[0];
        private final PromptHasher hasher = new PromptHasher(1);

        @Setup
        public void putRequestsInFlight(ScaleBenchmark benchmark, ThreadParams threads) {
            random = new Random(threads.getThreadIndex());
            text = new byte[benchmark.promptTokens * PromptHasher.BYTES_PER_TOKEN];
            coldSession = -1 - threads.getThreadIndex();
            int share = benchmark.endpoints * benchmark.inFlightPerEndpoint / threads.getThreadCount();
            for (int i = 0; i < share; i++) {
                var reservation = benchmark.fleet.route(BigFleet.request(benchmark.nextPrompt(this)));
                reservation.firstToken();
                inFlight.add(reservation);
            }
        }
    }

    @Setup
    public void fillTheIndex() {
        blocks = promptTokens / BigFleet.BLOCK_TOKENS;
        sessions = BLOCKS / blocks;
        int kvCapacityTokens = 2 * BLOCKS * BigFleet.BLOCK_TOKENS / endpoints;
        int longest = (blocks + TURN_BLOCKS * TURNS) * BigFleet.BLOCK_TOKENS;
        inFlightPerEndpoint = Math.min(MOST_IN_FLIGHT_PER_ENDPOINT, kvCapacityTokens / longest);
        fleet = new BigFleet(endpoints, kvCapacityTokens, 24L * 10_000_000);
        for (int i = 0; i < sessions; i++) {
            fleet.route(BigFleet.request(BigFleet.prompt(i, 0, blocks))).settle(Usage.UNKNOWN);
        }
    }

    /** The next turn of some session: all known but the last 500 tokens. */
    @Benchmark
    public Reservation nextTurn(Client client) {
        return turnOver(client, nextPrompt(client));
    }

    /** A prompt of which nothing is known. */
    @Benchmark
    public Reservation newSession(Client client, ThreadParams threads) {
        client.coldSession -= threads.getThreadCount();
        return turnOver(client, BigFleet.prompt(sessions - client.coldSession, 1, blocks));
    }

    /**
     * The next turn with the hashing that comes before it. The decision is made under the pool's lock and the rest of a
     * request is not, so this is the one to run with several threads.
     */
    @Benchmark
    public Reservation hashAndNextTurn(Client client, Blackhole blackhole) {
        client.hasher.text(client.text, 0, client.text.length);
        blackhole.consume(client.hasher.finish());
        return turnOver(client, nextPrompt(client));
    }

    private PromptBlocks nextPrompt(Client client) {
        int turn = client.turn++;
        int session = client.random.nextInt(sessions);
        return BigFleet.prompt(session, 0, blocks + TURN_BLOCKS * (1 + (turn / sessions) % TURNS));
    }

    private Reservation turnOver(Client client, PromptBlocks prompt) {
        var reservation = fleet.route(BigFleet.request(prompt));
        reservation.firstToken();
        client.inFlight.add(reservation);
        client.inFlight.remove().settle(Usage.UNKNOWN);
        return reservation;
    }
}
