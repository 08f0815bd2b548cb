package dev.warmgate.twin.comparator;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** One contender over a few endpoints whose state is set by hand. */
final class Bench implements FleetView {
    private static final int BLOCK = 64;
    private static final InferenceRequest NOTHING = new InferenceRequest("m", PromptBlocks.EMPTY, -1, null);

    /** Nanoseconds. */
    long now;

    final int[] cached;
    final long[] pending;
    final long[] booked;
    final int[] used;
    final long[] held;

    private final Pool pool;
    private final Router router;

    Bench(String contender, int endpoints) {
        cached = new int[endpoints];
        pending = new long[endpoints];
        booked = new long[endpoints];
        used = new int[endpoints];
        held = new long[endpoints];
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(new EndpointSpec("e" + i, URI.create("http://10.0.0.1:" + (8000 + i)), 1, Role.BOTH));
        }
        var policy = requireNonNull(Contenders.named(contender)).policy().apply(this);
        pool = new Pool(PoolSpec.of("pool", specs), policy, () -> now, new Random(7));
        pool.endpoints().forEach(endpoint -> endpoint.models(Set.of("m")));
        router = new Router(List.of(pool));
    }

    /** Returns where a request goes. */
    int send(PromptBlocks prompt) {
        return route(new InferenceRequest("m", prompt, -1, null), Set.of());
    }

    /** Places a request by force. */
    void place(int slot, PromptBlocks prompt) {
        var others = new HashSet<>(pool.endpoints());
        others.remove(pool.endpoints().get(slot));
        route(new InferenceRequest("m", prompt, -1, null), others);
    }

    /** Keeps an endpoint busy with requests that have no prompt. */
    Bench busy(int slot, int requests) {
        for (int i = 0; i < requests; i++) {
            place(slot, NOTHING.prompt());
        }
        return this;
    }

    /** Publishes what an engine says. */
    void engine(int slot, int waiting, double kvUsage) {
        pool.endpoints().get(slot).engineLoad(new EngineLoad(now, 0, waiting, kvUsage, -1, 0, 0));
    }

    private int route(InferenceRequest request, Set<Endpoint> tried) {
        if (router.route(request, tried) instanceof RouteResult.Routed(var reservation)) {
            reservation.firstToken();
            return reservation.endpoint().slot();
        }
        throw new AssertionError("no endpoint");
    }

    int inFlightMost() {
        return pool.endpoints().stream().mapToInt(Endpoint::inFlight).max().orElseThrow();
    }

    /** Returns a prompt of which nothing is known. */
    static PromptBlocks prompt(long text, int tokens) {
        return prompt(text, tokens, text, tokens);
    }

    /** Returns a prompt whose first {@code sharedTokens} tokens are those of another. */
    static PromptBlocks prompt(long shared, int sharedTokens, long text, int tokens) {
        int blocks = Math.ceilDiv(tokens, BLOCK);
        var hashes = new long[blocks];
        var ends = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            ends[i] = Math.min(tokens, (i + 1) * BLOCK);
            hashes[i] = (ends[i] <= sharedTokens ? shared : text) * 1_000_003 + i + 1;
        }
        return new PromptBlocks(hashes, ends);
    }

    @Override
    public int endpoints() {
        return cached.length;
    }

    @Override
    public int cachedTokens(int slot) {
        return cached[slot];
    }

    @Override
    public long pendingPrefillTokens(int slot) {
        return pending[slot];
    }

    @Override
    public long bookedPrefillTokens(int slot) {
        return booked[slot];
    }

    @Override
    public int usedTokens(int slot) {
        return used[slot];
    }

    @Override
    public long tokensHeld(int slot) {
        return held[slot];
    }

    @Override
    public long kvTokens(int slot) {
        return 300_000;
    }

    @Override
    public int inFlight(int slot) {
        return pool.endpoints().get(slot).inFlight();
    }
}
