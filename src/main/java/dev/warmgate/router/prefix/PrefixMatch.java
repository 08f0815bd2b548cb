package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * What the fleet is believed to hold of one prompt: the known leading part, cut into <em>segments</em> wherever the
 * set of owners can change. Filled by {@link PrefixIndex#find}, reused from decision to decision, confined to the
 * pool's lock.
 *
 * <p>Whoever owns a segment owns all segments before it.
 */
public final class PrefixMatch {
    private int[] cached = new int[0];
    private int segments;
    private int[] nodes = new int[16];
    private int[] endTokens = new int[16];
    private double[] popularity = new double[16];
    private int[] firstOwner = new int[17];
    private int[] owners = new int[64];

    // What PrefixIndex.record needs to continue from here.
    private PromptBlocks blocks = PromptBlocks.EMPTY;
    private long namespace;
    private int knownBlocks;
    private long nanoTime;

    /** Empties the match. */
    public void clear() {
        Arrays.fill(cached, 0);
        segments = 0;
        firstOwner[0] = 0;
        knownBlocks = 0;
        blocks = PromptBlocks.EMPTY;
    }

    void begin(PromptBlocks prompt, long promptNamespace, int endpoints, long now) {
        if (cached.length < endpoints) {
            cached = new int[endpoints];
        }
        clear();
        blocks = prompt;
        namespace = promptNamespace;
        nanoTime = now;
    }

    /** Returns prompt tokens believed cached at the endpoint in {@code slot}. */
    public int cachedTokens(int slot) {
        return slot < cached.length ? cached[slot] : 0;
    }

    /** Returns the number of segments of the known part; 0 if nobody holds anything. */
    public int segments() {
        return segments;
    }

    /** Returns the prompt tokens up to the end of segment {@code i}. */
    public int endTokens(int i) {
        return endTokens[i];
    }

    /** Returns the number of endpoints that hold segment {@code i}. */
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

    void segment(int node, int tokens, double nodePopularity) {
        if (segments == nodes.length) {
            int length = segments * 2;
            nodes = Arrays.copyOf(nodes, length);
            endTokens = Arrays.copyOf(endTokens, length);
            popularity = Arrays.copyOf(popularity, length);
            firstOwner = Arrays.copyOf(firstOwner, length + 1);
        }
        nodes[segments] = node;
        endTokens[segments] = tokens;
        popularity[segments] = nodePopularity;
        segments++;
        firstOwner[segments] = firstOwner[segments - 1];
    }

    /** Adds an owner of the segment added last. */
    void owner(int slot) {
        int at = firstOwner[segments]++;
        if (at == owners.length) {
            owners = Arrays.copyOf(owners, at * 2);
        }
        owners[at] = slot;
        cached[slot] = endTokens[segments - 1];
    }

    void knownBlocks(int count) {
        knownBlocks = count;
    }

    int knownBlocks() {
        return knownBlocks;
    }

    int node(int i) {
        return nodes[i];
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
}
