package dev.warmgate.router.prefix;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Which endpoint holds which prompt prefix, for a whole pool, learned from where prompts were sent.
 *
 * <p>Bounded in bytes, sized once and never grown. Confined to the pool's lock.
 */
public final class PrefixIndex {
    /*
     * Structure. Prompts form a tree: a node is a run of consecutive blocks without a branch, and an endpoint that holds
     * a run holds everything before it. So owners are kept per node, not per block, and the hash table needs only
     * block → node: 12 bytes a slot. A block's hash covers its whole past, hence "is block k known?" is monotone in k and
     * the deepest known block is found by bisection: 13 probes for a prompt of 8,000 blocks. From its node, parent links
     * give the path to the root.
     *
     * A prompt that parts from a known one inside a run splits that run. The tail keeps the node's number (its children
     * point to it), the head gets a new one; the head's blocks are shared with the prompt at hand, so its hashes are at
     * hand too and the few table entries are pointed anew.
     *
     * Age. Engines evict least recently used blocks. Each endpoint has a clock that counts tokens brought to the front of
     * its LRU list since a node was stamped: a node is believed present while clock − stamp < capacity. New tokens count
     * in full. A hit moves a block past the share of the cache that is newer than it, which is its own age over the
     * capacity, so it counts for that share: the mean-field value of the LRU stack distance (Mattson et al., "Evaluation
     * techniques for storage hierarchies", 1970) without keeping a list. Restamping a path from the root keeps
     * stamp(parent) ≥ stamp(child) for each owner: ownership is always a prefix.
     *
     * Space. Expired owners, nodes without owners and entries of freed nodes are removed by two hands that move a few
     * steps with every insertion, so there is no pause. A freed node's number is reused only after the table hand has
     * passed every slot, when no entry can name it any more. Under pressure the believed capacity shrinks (`pressure`),
     * oldest first; when there is no room at all, a prompt is not recorded.
     */

    private static final int NONE = BlockTable.NONE;
    private static final int STAMP_BITS = 48;
    private static final long STAMP_MASK = (1L << STAMP_BITS) - 1;

    /** 12 bytes of table, a third of a node (32 bytes) and two thirds of an owner (12 bytes). */
    private static final int BYTES_PER_SLOT = 31;

    /** Fill of the table above which the oldest runs go early. */
    private static final double CROWDED = 0.65;

    /** The same for nodes and owners, which have no probing to suffer. */
    private static final double CROWDED_NODES = 0.85;

    /** Blocks of one prompt that are remembered: a million tokens, so that one request cannot hold the lock for long. */
    private static final int MAX_BLOCKS = 1 << 14;

    private static final int MAX_CLEANING = 1 << 10;

    private static final double LEAST_PRESSURE_FACTOR = 0.0001;

    /** Popularity decays with this time constant; see docs/routing.md. */
    private static final double POPULARITY_NANOS = 60e9;

    private final BlockTable table;
    private final IntPredicate dead;

    private final int[] start;
    private final int[] end;
    private final int[] parent;
    private final int[] children;
    private final int[] owners;
    private final float[] popularity;
    private final long[] popularAt;

    private final long[] ownerStamp;
    private final int[] nextOwner;

    /** Per endpoint: tokens brought to the front so far, and the engine's KV capacity. */
    private final double[] clock;

    private final long[] capacity;

    private int liveNodes;

    /** Live nodes and those in limbo. */
    private int usedNodes;

    private int usedOwners;
    private int freeNode;
    private int unusedNode;
    private int freeOwner;
    private int unusedOwner;
    private int limboYoung = NONE;
    private int limboOld = NONE;
    private int nodeHand;
    private double pressure = 1;
    private int[] path = new int[64];

    /**
     * Creates an empty index.
     *
     * @param endpoints number of endpoints, up to 65,535
     * @param kvCapacityTokens capacity assumed for each until {@link #capacity} is called
     * @param maxBytes upper bound of memory; at least 1 MiB is used
     */
    public PrefixIndex(int endpoints, long kvCapacityTokens, long maxBytes) {
        int slots = slots(endpoints, kvCapacityTokens, maxBytes);
        table = new BlockTable(slots);
        int nodes = slots / 3;
        start = new int[nodes];
        end = new int[nodes];
        dead = node -> end[node] == 0;
        parent = new int[nodes];
        children = new int[nodes];
        owners = new int[nodes];
        popularity = new float[nodes];
        popularAt = new long[nodes];
        int ownerships = nodes * 2;
        ownerStamp = new long[ownerships];
        nextOwner = new int[ownerships];
        freeNode = NONE;
        freeOwner = NONE;
        clock = new double[endpoints];
        capacity = new long[endpoints];
        Arrays.fill(capacity, kvCapacityTokens);
    }

    /** Room for four times what the engines can hold, because short messages make short blocks. */
    private static int slots(int endpoints, long kvCapacityTokens, long maxBytes) {
        long blockTokens = PromptHasher.BLOCK_BYTES / PromptHasher.BYTES_PER_TOKEN;
        double wanted = 4.0 * endpoints * Math.max(kvCapacityTokens, 65_536) / blockTokens;
        long affordable = Math.max(maxBytes, 1 << 20) / BYTES_PER_SLOT;
        long slots = Long.highestOneBit((long) Math.min(wanted * 2 - 1, (double) affordable));
        return Math.clamp(slots, 1 << 12, 1 << 29);
    }

    /**
     * Sizes and fill of the index.
     *
     * @param blocks block hashes known
     * @param nodes runs of blocks with the same owners
     * @param bytes memory used, fixed
     * @param pressure 1 with room to spare; below, the share of the engines' capacity that is still remembered
     */
    public record Stats(int blocks, int nodes, long bytes, double pressure) {}

    /** Returns sizes and fill. */
    public Stats stats() {
        long bytes = table.bytes() + 32L * start.length + 12L * ownerStamp.length + 16L * clock.length;
        return new Stats(table.entries(), liveNodes, bytes, pressure);
    }

    /** Sets the KV capacity of an endpoint in tokens, as its engine reports it. */
    public void capacity(int slot, long tokens) {
        capacity[slot] = tokens;
    }

    /** Accounts for generated tokens, which push prompts out of the cache like any others. */
    public void generated(int slot, int tokens) {
        clock[slot] += tokens;
    }

    /** Forgets everything about one endpoint. */
    public void forget(int slot) {
        clock[slot] += capacity[slot] + 1;
    }

    /**
     * Finds who holds how much of a prompt.
     *
     * @param model prompts of different models never share anything
     * @param nanoTime the time now, for popularity
     * @param into the result; overwritten
     */
    public void find(String model, PromptBlocks blocks, long nanoTime, PrefixMatch into) {
        long namespace = XxHash64.mix(model.hashCode() * 0x9E3779B97F4A7C15L);
        into.begin(blocks, namespace, clock.length, nanoTime);
        int low = 0;
        int high = blocks.count();
        int deepest = NONE;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int node = node(key(blocks, middle, namespace), middle);
            if (node == NONE) {
                high = middle;
            } else {
                deepest = node;
                low = middle + 1;
            }
        }
        into.knownBlocks(low);
        if (low == 0) {
            return;
        }
        int length = 0;
        for (int node = deepest; node != NONE; node = parent[node]) {
            if (length == path.length) {
                path = Arrays.copyOf(path, length * 2);
            }
            path[length++] = node;
        }
        while (length-- > 0) {
            int node = path[length];
            into.segment(node, blocks.tokens(Math.min(end[node], low)), popularity(node, nanoTime));
            for (int o = owners[node]; o != NONE; o = nextOwner[o]) {
                int slot = (int) (ownerStamp[o] >>> STAMP_BITS);
                if (age(ownerStamp[o]) < capacity[slot] * pressure) {
                    into.owner(slot);
                }
            }
        }
    }

    /**
     * Records that the prompt of a match was sent to an endpoint. Must follow the {@link #find} that filled the match
     * with no other change between.
     */
    public void record(PrefixMatch match, int slot) {
        var blocks = match.blocks();
        if (blocks.count() == 0) {
            return;
        }
        int known = match.knownBlocks();
        int last = NONE;
        for (int i = 0; i < match.segments(); i++) {
            int node = match.node(i);
            if (end[node] > known) {
                node = split(node, known, match);
                if (node == NONE) {
                    break;
                }
            }
            touch(node, slot, blocks.tokens(end[node]) - blocks.tokens(start[node]));
            last = node;
        }
        if (last != NONE) {
            popularity[last] = (float) (popularity(last, match.nanoTime()) + 1);
            popularAt[last] = match.nanoTime();
        }
        int reached = last == NONE ? 0 : end[last];
        if (reached < Math.min(blocks.count(), MAX_BLOCKS) && reached == known) {
            append(last, reached, match, slot);
        }
        clean(Math.min(8 + 4 * (blocks.count() - known), MAX_CLEANING));
    }

    private void append(int above, int from, PrefixMatch match, int slot) {
        var blocks = match.blocks();
        // The engine computes and caches the rest whether or not there is room to remember it here.
        clock[slot] += blocks.tokens() - blocks.tokens(from);
        int node = newNode(from, from, above);
        if (node == NONE) {
            return;
        }
        int k = from;
        int last = Math.min(blocks.count(), MAX_BLOCKS);
        while (k < last && table.put(key(blocks, k, match.namespace()), node)) {
            end[node] = ++k;
        }
        if (k == from || !addOwner(node, stamp(slot))) {
            release(node);
        }
    }

    /** Makes the first part of a run a node of its own and returns it; {@link #NONE} if there is no room. */
    private int split(int node, int at, PrefixMatch match) {
        int head = newNode(start[node], at, parent[node]);
        if (head == NONE) {
            return NONE;
        }
        for (int o = owners[node]; o != NONE; o = nextOwner[o]) {
            if (!addOwner(head, ownerStamp[o])) {
                release(head);
                return NONE;
            }
        }
        if (parent[node] != NONE) {
            children[parent[node]]--;
        }
        parent[node] = head;
        children[head] = 1;
        for (int k = start[node]; k < at; k++) {
            table.put(key(match.blocks(), k, match.namespace()), head);
        }
        start[node] = at;
        return head;
    }

    private void touch(int node, int slot, int tokens) {
        for (int o = owners[node]; o != NONE; o = nextOwner[o]) {
            if (ownerStamp[o] >>> STAMP_BITS == slot) {
                clock[slot] += tokens * Math.min(1, age(ownerStamp[o]) / capacity[slot]);
                ownerStamp[o] = stamp(slot);
                return;
            }
        }
        clock[slot] += tokens;
        addOwner(node, stamp(slot));
    }

    private long stamp(int slot) {
        return ((long) slot << STAMP_BITS) | ((long) clock[slot] & STAMP_MASK);
    }

    private double age(long ownership) {
        return clock[(int) (ownership >>> STAMP_BITS)] - (ownership & STAMP_MASK);
    }

    private double popularity(int node, long nanoTime) {
        return popularity[node] == 0
                ? 0
                : popularity[node] * Math.exp(-(nanoTime - popularAt[node]) / POPULARITY_NANOS);
    }

    // ---- the table

    private static long key(PromptBlocks blocks, int k, long namespace) {
        long key = XxHash64.mix(blocks.hash(k) ^ namespace);
        return key == 0 ? 1 : key;
    }

    /** Returns the live node that holds block {@code depth} with this key, or {@link #NONE}. */
    private int node(long key, int depth) {
        int node = table.get(key);
        return node != NONE && start[node] <= depth && depth < end[node] ? node : NONE;
    }

    // ---- nodes and owners

    private int newNode(int from, int to, int parentNode) {
        int node;
        if (freeNode != NONE) {
            node = freeNode;
            freeNode = parent[node];
        } else if (unusedNode < start.length) {
            node = unusedNode++;
        } else {
            return NONE;
        }
        start[node] = from;
        end[node] = to;
        parent[node] = parentNode;
        children[node] = 0;
        owners[node] = NONE;
        popularity[node] = 0;
        if (parentNode != NONE) {
            children[parentNode]++;
        }
        liveNodes++;
        usedNodes++;
        return node;
    }

    private boolean addOwner(int node, long ownership) {
        int o;
        if (freeOwner != NONE) {
            o = freeOwner;
            freeOwner = nextOwner[o];
        } else if (unusedOwner < ownerStamp.length) {
            o = unusedOwner++;
        } else {
            return false;
        }
        usedOwners++;
        ownerStamp[o] = ownership;
        nextOwner[o] = owners[node];
        owners[node] = o;
        return true;
    }

    private void freeOwner(int o) {
        nextOwner[o] = freeOwner;
        freeOwner = o;
        usedOwners--;
    }

    /** Frees a node that has no children, and its parents as far as they have become useless with it. */
    private void release(int node) {
        int gone = node;
        while (gone != NONE && children[gone] == 0) {
            while (owners[gone] != NONE) {
                int o = owners[gone];
                owners[gone] = nextOwner[o];
                freeOwner(o);
            }
            int above = parent[gone];
            start[gone] = Integer.MAX_VALUE;
            end[gone] = 0;
            parent[gone] = limboYoung;
            limboYoung = gone;
            liveNodes--;
            if (above != NONE) {
                children[above]--;
            }
            gone = above != NONE && owners[above] == NONE ? above : NONE;
        }
    }

    // ---- cleaning

    private void clean(int steps) {
        double crowding = Math.max(
                table.fill() / CROWDED,
                Math.max((double) usedNodes / start.length, (double) usedOwners / ownerStamp.length) / CROWDED_NODES);
        int turns = crowding > 1 ? steps * 4 : steps;
        for (int i = 0; i < turns; i++) {
            cleanSlot();
            if ((i & 1) == 0) {
                cleanNode(crowding);
            }
        }
    }

    private void cleanSlot() {
        if (table.clean(dead)) {
            while (limboOld != NONE) {
                int node = limboOld;
                limboOld = parent[node];
                parent[node] = freeNode;
                freeNode = node;
                usedNodes--;
            }
            limboOld = limboYoung;
            limboYoung = NONE;
        }
    }

    private void cleanNode(double crowding) {
        if (unusedNode == 0) {
            return;
        }
        int node = nodeHand++;
        if (nodeHand >= unusedNode) {
            nodeHand = 0;
            pressure = crowding > 1
                    ? Math.max(pressure * 0.9, LEAST_PRESSURE_FACTOR)
                    : Math.min(1, crowding < 0.9 ? pressure * 1.05 : pressure);
        }
        if (end[node] == 0) {
            return;
        }
        int before = NONE;
        for (int o = owners[node]; o != NONE; ) {
            int next = nextOwner[o];
            int slot = (int) (ownerStamp[o] >>> STAMP_BITS);
            if (age(ownerStamp[o]) >= capacity[slot] * pressure) {
                if (before == NONE) {
                    owners[node] = next;
                } else {
                    nextOwner[before] = next;
                }
                freeOwner(o);
            } else {
                before = o;
            }
            o = next;
        }
        if (owners[node] == NONE) {
            release(node);
        }
    }
}
