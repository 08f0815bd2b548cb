package dev.warmgate.benchmarks;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * A pool of many endpoints that do not exist, and made-up prompts for it. Any thread.
 *
 * <p>A prompt is the prompt of one of 50 harnesses, about 4,000 tokens, and then a session's own blocks.
 */
final class BigFleet {
    /** Tokens of a block of 256 bytes. */
    static final int BLOCK_TOKENS = 64;

    private static final int HARNESSES = 50;
    private static final int HARNESS_BLOCKS = 62;
    private static final String MODEL = "m";

    private final Pool pool;
    private final Router router;

    BigFleet(int endpoints, long kvCapacityTokens, long indexBytes) {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(EndpointSpec.of(URI.create("http://127.0.0.1:" + (10_000 + i))));
        }
        var spec = new PoolSpec("pool", specs, Set.of(MODEL), HealthPolicy.DEFAULT, kvCapacityTokens, indexBytes);
        var policy = Objects.requireNonNull(Policies.create(Policies.WARM));
        pool = new Pool(spec, policy, System::nanoTime, new Random(1));
        router = new Router(List.of(pool));
    }

    Pool pool() {
        return pool;
    }

    /** Returns a prompt of so many blocks; two of the same session and generation share the shorter one's. */
    static PromptBlocks prompt(int session, int generation, int blocks) {
        long harness = session % HARNESSES;
        long own = ((long) session << 32) + ((long) generation << 20) + (1L << 62);
        var hashes = new long[blocks];
        var ends = new int[blocks];
        for (int k = 0; k < blocks; k++) {
            hashes[k] = mix((k < HARNESS_BLOCKS ? harness << 20 : own) + k);
            ends[k] = (k + 1) * BLOCK_TOKENS;
        }
        return new PromptBlocks(hashes, ends);
    }

    static InferenceRequest request(PromptBlocks prompt) {
        return new InferenceRequest(MODEL, prompt, 256, null);
    }

    Reservation route(InferenceRequest request) {
        return ((RouteResult.Routed) router.route(request, Set.of())).reservation();
    }

    /** The finalizer of MurmurHash3. */
    private static long mix(long value) {
        long h = value;
        h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return h ^ (h >>> 33);
    }
}
