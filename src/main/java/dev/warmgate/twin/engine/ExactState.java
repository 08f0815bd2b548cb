package dev.warmgate.twin.engine;

import static dev.warmgate.twin.engine.TokenBlocks.BLOCK_TOKENS;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What a replica holds and has to do, to the token: what no real engine tells, but a router that bounds all others may
 * know.
 *
 * <p>A live view, confined to the replica's thread. Asking changes nothing.
 */
public final class ExactState {
    private final BlockCache cache;
    private final @Nullable SharedCache shared;
    private final Collection<EngineRequest> waiting;
    private final Collection<EngineRequest> running;

    /** {@code waiting} and {@code running} are the replica's own, not copies. */
    ExactState(
            BlockCache cache,
            @Nullable SharedCache shared,
            Collection<EngineRequest> waiting,
            Collection<EngineRequest> running) {
        this.cache = cache;
        this.shared = shared;
        this.waiting = waiting;
        this.running = running;
    }

    /** Returns how many of the first {@code tokens} tokens of a sequence need no prefill here now. */
    public int cachedTokens(TokenBlocks sequence, int tokens) {
        int most = (tokens - 1) / BLOCK_TOKENS;
        int found = 0;
        while (found < most && holds(sequence.hash(found))) {
            found++;
        }
        return found * BLOCK_TOKENS;
    }

    /** Returns how many of the first {@code tokens} tokens of a sequence are in blocks that running requests hold now. */
    public int usedTokens(TokenBlocks sequence, int tokens) {
        // Who holds a named block holds all before it, so the last one is found by bisection.
        int used = 0;
        int unused = tokens / BLOCK_TOKENS + 1;
        while (unused - used > 1) {
            int middle = (used + unused) >>> 1;
            int block = cache.find(sequence.hash(middle - 1));
            if (block != BlockCache.NONE && !cache.isFree(block)) {
                used = middle;
            } else {
                unused = middle;
            }
        }
        return used * BLOCK_TOKENS;
    }

    /** Returns prompt tokens of waiting and running requests that are neither computed nor found in the cache yet. */
    public long pendingPrefillTokens() {
        long sum = 0;
        for (EngineRequest request : waiting) {
            sum += request.knownTokens() - cachedTokens(request.sequence, request.knownTokens());
        }
        for (EngineRequest request : running) {
            if (!request.decoding()) {
                sum += request.knownTokens() - request.computed;
            }
        }
        return sum;
    }

    /** Returns the tokens that waiting and running requests need room for, shared ones once. */
    public long tokensHeld() {
        long sum = 0;
        for (EngineRequest request : waiting) {
            sum += request.knownTokens() - usedTokens(request.sequence, request.knownTokens());
        }
        return sum + (long) cache.inUse() * BLOCK_TOKENS;
    }

    private boolean holds(long hash) {
        return cache.find(hash) != BlockCache.NONE || (shared != null && shared.contains(hash));
    }
}
