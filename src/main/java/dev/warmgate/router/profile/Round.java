package dev.warmgate.router.profile;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EngineLoad;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One choice while it is made: which candidates are left, and what plugins may know about them. Plugins speak of candidates
 * by their number among all, 0 to {@link Candidates#size} − 1. Reused from choice to choice, under the pool's lock.
 */
final class Round {
    private final @Nullable ApproximatePrefix prefix;
    private final InFlightTokens tokens;

    private @Nullable Candidates candidates;
    private String profile = "";
    private int[] left = new int[16];
    private int[] before = new int[16];
    private int size;

    // How the prompt is counted.
    private int totalBlocks;
    private int promptTokens;

    Round(@Nullable ApproximatePrefix prefix, InFlightTokens tokens) {
        this.prefix = prefix;
        this.tokens = tokens;
    }

    void begin(Candidates all, String byProfile) {
        candidates = all;
        profile = byProfile;
        size = all.size();
        if (left.length < size) {
            left = new int[size * 2];
            before = new int[size * 2];
        }
        for (int i = 0; i < size; i++) {
            left[i] = i;
        }
        promptTokens = all.request().prompt().tokens();
        totalBlocks = prefix == null ? 0 : prefix.blocks(promptTokens);
    }

    private Candidates all() {
        if (candidates == null) {
            throw new IllegalStateException("no round");
        }
        return candidates;
    }

    // ---- who is left

    int size() {
        return size;
    }

    /** Returns the {@code k}-th candidate that is left. */
    int left(int k) {
        return left[k];
    }

    /** Keeps some of those that are left. */
    void keep(IntPredicate which) {
        keep(which, false);
    }

    /**
     * Keeps some of those that are left.
     *
     * @param orAll whether all stay where nobody would
     */
    void keep(IntPredicate which, boolean orAll) {
        int kept = 0;
        for (int k = 0; k < size; k++) {
            if (which.test(left[k])) {
                before[kept++] = left[k];
            }
        }
        if (kept == 0 && orAll) {
            return;
        }
        var swap = left;
        left = before;
        before = swap;
        size = kept;
    }

    boolean isLeft(int i) {
        for (int k = 0; k < size; k++) {
            if (left[k] == i) {
                return true;
            }
        }
        return false;
    }

    /** Takes those that start slowly out by chance, as often as they shall not have their share, but not all. */
    void thin() {
        var all = all();
        for (int k = size - 1; k >= 0 && size > 1; k--) {
            double share = all.share(left[k]);
            if (share < 1 && all.random().nextDouble() >= share) {
                System.arraycopy(left, k + 1, left, k, size - k - 1);
                size--;
            }
        }
    }

    /** Returns the name of the profile that chooses. */
    String profile() {
        return profile;
    }

    // ---- what is known

    Endpoint endpoint(int i) {
        return all().endpoint(i);
    }

    String model() {
        return all().request().model();
    }

    /** Returns what the request's header says, or the empty text. */
    String hint(String lowerCaseName) {
        return all().request().hints().getOrDefault(lowerCaseName, "").strip();
    }

    RandomGenerator random() {
        return all().random();
    }

    long nanoTime() {
        return all().nanoTime();
    }

    @Nullable
    EngineLoad load(int i) {
        return endpoint(i).engineLoad();
    }

    /** Returns requests waiting in the engine; 0 while it does not tell. */
    int waiting(int i) {
        var load = load(i);
        return load == null ? 0 : load.waiting();
    }

    /** Returns requests that the engine computes; 0 while it does not tell. */
    int running(int i) {
        var load = load(i);
        return load == null ? 0 : load.running();
    }

    /** Returns the share of the KV cache in use; 0 while the engine does not tell. */
    double kvUsage(int i) {
        var load = load(i);
        return load == null || Double.isNaN(load.kvUsage()) ? 0 : load.kvUsage();
    }

    int promptTokens() {
        return promptTokens;
    }

    // ---- the prompt in blocks

    int totalBlocks() {
        return totalBlocks;
    }

    int blockTokens() {
        return prefix == null ? 0 : prefix.blockSizeTokens();
    }

    /** Returns how many leading blocks of the prompt a candidate is believed to hold; the last one may be cut short. */
    int matchBlocks(int i) {
        if (prefix == null) {
            return 0;
        }
        int cached = all().match().cachedTokens(endpoint(i).slot());
        int whole = cached >= promptTokens && cached > 0 ? totalBlocks : cached / prefix.blockSizeTokens();
        return Math.min(whole, totalBlocks);
    }

    /** Returns the share of the prompt's blocks that a candidate is believed to hold, 0..1. */
    double matchShare(int i) {
        return totalBlocks == 0 ? 0 : (double) matchBlocks(i) / totalBlocks;
    }

    /** Returns tokens in flight at a candidate. */
    long tokensInFlight(int i) {
        return tokens.inFlight(endpoint(i));
    }

    /** Returns what this request would add to {@link #tokensInFlight}. */
    long ownTokens(int i) {
        return tokens.of(all().request(), uncachedTokens(i));
    }

    /** Returns tokens of the prompt that a candidate would have to compute, in whole blocks. */
    private long uncachedTokens(int i) {
        if (prefix == null) {
            return promptTokens;
        }
        long counted = (long) totalBlocks * prefix.blockSizeTokens();
        return counted - (long) matchBlocks(i) * prefix.blockSizeTokens() + Math.max(0, promptTokens - counted);
    }

    @Override
    public String toString() {
        return "Round" + Arrays.toString(Arrays.copyOf(left, size));
    }
}
