package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * What the fleet is believed to hold of one prompt: the known leading part, cut into <em>segments</em> wherever the
 * set of owners can change. Filled by {@link PrefixIndex#find}, reused from decision to decision, confined to one thread.
 *
 * <p>Whoever owns a segment owns all segments before it.
 */
public final class PrefixMatch {
    // By endpoint.
    private int[] cached = new int[0];
    private int[] pinned = new int[0];
    private int[] held = new int[0];
    private int[] formerlyHeld = new int[0];
    private long[] stamps = new long[0];

    // By segment.
    private int segments;
    private int[] runs = new int[16];
    private int[] endTokens = new int[16];
    private double[] popularity = new double[16];
    private int[] firstOwner = new int[17];
    private int[] owners = new int[64];

    // What PrefixIndex.record needs to continue from here.
    private PromptBlocks blocks = PromptBlocks.EMPTY;
    private long namespace;
    private int knownBlocks;
    private long nanoTime;
    private boolean continues;

    private boolean empty = true;

    /** Empties the match. */
    public void clear() {
        if (empty) {
            return;
        }
        empty = true;
        Arrays.fill(cached, 0);
        Arrays.fill(pinned, 0);
        Arrays.fill(held, 0);
        Arrays.fill(formerlyHeld, 0);
        segments = 0;
        firstOwner[0] = 0;
        knownBlocks = 0;
        continues = false;
        blocks = PromptBlocks.EMPTY;
    }

    void begin(PromptBlocks prompt, long promptNamespace, int endpoints, long now) {
        if (held.length < endpoints) {
            cached = new int[endpoints];
            pinned = new int[endpoints];
            held = new int[endpoints];
            formerlyHeld = new int[endpoints];
            stamps = new long[endpoints];
        }
        clear();
        empty = false;
        blocks = prompt;
        namespace = promptNamespace;
        nanoTime = now;
    }

    /** Returns prompt tokens believed cached at the endpoint in {@code slot}. */
    public int cachedTokens(int slot) {
        return slot < cached.length ? cached[slot] : 0;
    }

    /** Returns prompt tokens that requests in flight at the endpoint in {@code slot} use as well, at most those cached. */
    public int pinnedTokens(int slot) {
        return slot < pinned.length ? Math.min(pinned[slot], cached[slot]) : 0;
    }

    /** Returns how many leading segments the endpoint in {@code slot} is believed to hold as a whole. */
    public int heldSegments(int slot) {
        return slot < held.length ? held[slot] : 0;
    }

    /**
     * Returns prompt tokens that the endpoint in {@code slot} holds or held not long ago: evicted, but less than another
     * capacity was evicted since. At least {@link #cachedTokens}.
     */
    public int formerTokens(int slot) {
        return slot < cached.length ? Math.max(cached[slot], tokens(formerlyHeld[slot])) : 0;
    }

    /**
     * Returns when the endpoint in {@code slot} last used the deepest segment it holds, if only in part, by its own
     * clock, for {@link PrefixIndex#evicted}; −1 if it holds none.
     */
    public long stamp(int slot) {
        return cachedTokens(slot) == 0 ? -1 : stamps[slot];
    }

    /** Returns the number of segments of the known part, whether anybody still holds them or not. */
    public int segments() {
        return segments;
    }

    /** Returns the prompt tokens up to the end of segment {@code i}. */
    public int endTokens(int i) {
        return endTokens[i];
    }

    /** Returns the number of endpoints that hold segment {@code i} as a whole. */
    public int owners(int i) {
        return firstOwner[i + 1] - firstOwner[i];
    }

    /** Returns the slot of the {@code j}-th owner of segment {@code i}; in no particular order. */
    public int owner(int i, int j) {
        return owners[firstOwner[i] + j];
    }

    /** Returns how often prompts parted at the end of segment {@code i} lately, with a time constant of 60 s. */
    public double popularity(int i) {
        return popularity[i];
    }

    void segment(int run, int tokens, double runPopularity) {
        if (segments == runs.length) {
            int length = segments * 2;
            runs = Arrays.copyOf(runs, length);
            endTokens = Arrays.copyOf(endTokens, length);
            popularity = Arrays.copyOf(popularity, length);
            firstOwner = Arrays.copyOf(firstOwner, length + 1);
        }
        runs[segments] = run;
        endTokens[segments] = tokens;
        popularity[segments] = runPopularity;
        segments++;
        firstOwner[segments] = firstOwner[segments - 1];
    }

    /**
     * Tells that an endpoint holds the segment added last, perhaps in part.
     *
     * @param tokens prompt tokens held up to there
     * @param inUse whether requests in flight use it
     */
    void owner(int slot, int tokens, long stamp, boolean inUse) {
        int last = segments - 1;
        if (inUse) {
            pinned[slot] = endTokens[last];
        }
        stamps[slot] = stamp;
        if (tokens < endTokens[last]) {
            cached[slot] = tokens;
            formerlyHeld[slot] = segments;
            return;
        }
        int at = firstOwner[segments]++;
        if (at == owners.length) {
            owners = Arrays.copyOf(owners, at * 2);
        }
        owners[at] = slot;
        cached[slot] = endTokens[last];
        held[slot] = segments;
    }

    /** Tells that the segment added last was held by an endpoint that is believed to have lost it. */
    void formerOwner(int slot) {
        formerlyHeld[slot] = segments;
    }

    /**
     * Returns whether the prompt goes on where an earlier one ended and no other went on: it is the next turn of a
     * conversation, unlike a new one that shares its beginning with others.
     */
    public boolean continues() {
        return continues;
    }

    void continues(boolean does) {
        continues = does;
    }

    void knownBlocks(int count) {
        knownBlocks = count;
    }

    int knownBlocks() {
        return knownBlocks;
    }

    int run(int i) {
        return runs[i];
    }

    PromptBlocks blocks() {
        return blocks;
    }

    long namespace() {
        return namespace;
    }

    long nanoTime() {
        return nanoTime;
    }

    private int tokens(int leadingSegments) {
        return leadingSegments == 0 ? 0 : endTokens[leadingSegments - 1];
    }
}
