package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * Which endpoint holds which prompt prefix, for a whole pool, learned from where prompts were sent and from what engines
 * say they found.
 *
 * <p>Grows as needed within a fixed number of bytes. Confined to the pool's lock; does not allocate except to grow.
 */
public final class PrefixIndex {
    /*
     * Prompts form a tree (RunTree): a run is a stretch of consecutive blocks without a branch, and an endpoint that holds
     * a run holds everything before it. So owners are kept per run, not per block, and the hash table (BlockTable) needs
     * only block → run: 8 bytes a slot. A block's hash covers its whole past, hence "is block k known?" is monotone in k and
     * the deepest known block is found by bisection: 11 probes for a prompt of 1,600 blocks. From its run, parent links
     * give the path to the root.
     *
     * A conversation that goes on where it was extends its last run in place. A prompt that parts from a known one inside a
     * run splits that run; the head's blocks are shared with the prompt at hand, so its hashes are at hand too and the few
     * table entries are pointed anew. Runs have a greatest length, so these are few indeed.
     *
     * What an endpoint still holds is judged by age (CacheAges). All runs of a path get the same stamp, so that
     * stamp(parent) ≥ stamp(child) for each owner: ownership is always a prefix. Removal is the work of Sweep. When there
     * is no room at all, a prompt is not recorded.
     */

    private static final int NONE = Records.NONE;

    /** Of the bytes, half for the table and a quarter each for runs and ownerships. */
    private static final int TABLE_SHARE = 2;

    private static final int RUNS_SHARE = 4;

    private static final long LEAST_BYTES = 1 << 20;

    /** Blocks of one prompt that are remembered: a million tokens, so that one request cannot hold the lock for long. */
    private static final int MAX_BLOCKS = 1 << 14;

    /** Blocks of one run, so that a split points few entries anew. */
    private static final int MAX_RUN_BLOCKS = 1 << 8;

    private final BlockTable table;
    private final RunTree tree;
    private final CacheAges ages;
    private final Sweep sweep;

    // Where locate() found a prompt: leading blocks known, and the runs that hold them, deepest first.
    private int known;
    private int[] path = new int[64];
    private int pathLength;

    private final long[] keys = new long[32];

    /** Ownerships that a record or release renews. */
    private int[] renewed = new int[64];

    /**
     * Creates an empty index.
     *
     * @param endpoints number of endpoints, up to 65,535
     * @param kvCapacityTokens capacity assumed for each until {@link #capacity} is called
     * @param maxBytes upper bound of memory; 1 MiB is used at least
     */
    public PrefixIndex(int endpoints, long kvCapacityTokens, long maxBytes) {
        long bytes = Math.max(maxBytes - CacheAges.bytes(endpoints), LEAST_BYTES / 2);
        table = new BlockTable(bytes / TABLE_SHARE);
        tree = new RunTree(bytes / RUNS_SHARE, bytes / RUNS_SHARE);
        ages = new CacheAges(endpoints, kvCapacityTokens);
        sweep = new Sweep(table, tree, ages);
    }

    /**
     * Sizes and fill of the index.
     *
     * @param blocks block hashes known
     * @param nodes runs of blocks with the same owners
     * @param bytes memory allocated so far
     * @param pressure 1 with room to spare; below, the share of the engines' capacity that is still remembered
     */
    public record Stats(int blocks, int nodes, long bytes, double pressure) {}

    /** Returns sizes and fill. */
    public Stats stats() {
        long bytes = table.bytes() + tree.bytes() + CacheAges.bytes(ages.endpoints());
        return new Stats(tree.blocks(), tree.liveRuns(), bytes, ages.pressure());
    }

    /** Sets the KV capacity of an endpoint in tokens, as its engine reports it. */
    public void capacity(int slot, long tokens) {
        ages.capacity(slot, tokens);
    }

    /** Accounts for generated tokens, which push prompts out of the cache like any others. */
    public void generated(int slot, int tokens) {
        ages.advance(slot, tokens);
    }

    /** Forgets everything about one endpoint. */
    public void forget(int slot) {
        ages.forget(slot);
    }

    /**
     * Learns from an engine's answer that something was not in its cache. Engines evict least recently used first, so all
     * that the endpoint was believed to hold with that stamp or an older one is gone as well. What was recorded or
     * released after the request was placed stays.
     *
     * @param stamp what {@link PrefixMatch#stamp} said when the request was placed; negative changes nothing
     */
    public void evicted(int slot, long stamp) {
        ages.evicted(slot, stamp);
    }

    /**
     * Finds who holds how much of a prompt.
     *
     * @param model prompts of different models never share anything
     * @param nanoTime the time now, for popularity
     * @param into the result; overwritten
     */
    public void find(String model, PromptBlocks blocks, long nanoTime, PrefixMatch into) {
        long namespace = namespace(model);
        into.begin(blocks, namespace, ages.endpoints(), nanoTime);
        locate(blocks, namespace);
        into.knownBlocks(known);
        for (int i = pathLength - 1; i >= 0; i--) {
            int run = path[i];
            into.segment(run, blocks.tokens(Math.min(tree.end(run), known)), tree.popularity(run, nanoTime));
            for (int o = tree.firstOwner(run); o != NONE; o = tree.nextOwner(o)) {
                long ownership = tree.ownership(o);
                double share = ages.share(ownership);
                if (ages.present(share) && !ages.gone(ownership)) {
                    into.owner(CacheAges.slot(ownership), CacheAges.stamp(ownership), share);
                } else if (ages.remembered(share)) {
                    into.formerOwner(CacheAges.slot(ownership));
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
        // So that this request's stamp is newer than all before.
        ages.advance(slot, 1);
        prepareRenewal(match.segments());
        int knownBlocks = match.knownBlocks();
        int last = NONE;
        int renewals = 0;
        double moved = 0;
        for (int i = 0; i < match.segments(); i++) {
            int run = match.run(i);
            if (tree.end(run) > knownBlocks) {
                run = split(run, knownBlocks, match);
                if (run == NONE) {
                    break;
                }
            }
            int tokens = blocks.tokens(tree.end(run)) - blocks.tokens(tree.start(run));
            int o = tree.ownerOf(run, slot);
            if (o == NONE) {
                o = tree.addOwner(run, ages.ownership(slot));
                if (o == NONE) {
                    break;
                }
                moved += tokens;
            } else {
                moved += tokens * ages.step(tree.ownership(o));
            }
            renewed[renewals++] = o;
            last = run;
        }
        int reached = last == NONE ? 0 : tree.end(last);
        // The engine computes and caches the rest whether or not there is room to remember it here.
        ages.advance(slot, moved + blocks.tokens() - blocks.tokens(reached));
        renew(renewals, slot);
        if (last != NONE) {
            tree.addPopularity(last, match.nanoTime());
        }
        if (reached == knownBlocks) {
            append(last, reached, match, slot);
        }
        sweep.run();
    }

    /**
     * Tells that a request ended. Only then does an engine put its blocks at the fresh end of its LRU list, because blocks
     * in use are not in the list (vLLM, SGLang); so what the endpoint owns of the prompt becomes new again.
     */
    public void released(String model, PromptBlocks blocks, int slot) {
        locate(blocks, namespace(model));
        prepareRenewal(pathLength);
        int renewals = 0;
        double moved = 0;
        for (int i = pathLength - 1; i >= 0; i--) {
            int run = path[i];
            int o = tree.ownerOf(run, slot);
            // An endpoint that restarted meanwhile has nothing to put back.
            if (o == NONE || ages.gone(tree.ownership(o))) {
                break;
            }
            int tokens = blocks.tokens(Math.min(tree.end(run), known)) - blocks.tokens(tree.start(run));
            moved += tokens * ages.step(tree.ownership(o));
            renewed[renewals++] = o;
        }
        ages.advance(slot, moved);
        renew(renewals, slot);
    }

    /** Throws if the structure contradicts itself. Takes time in proportion to everything; for tests. */
    void check() {
        tree.check(table);
    }

    /** Finds the longest known part of a prompt and leaves it in {@link #known} and {@link #path}. */
    private void locate(PromptBlocks blocks, long namespace) {
        int low = 0;
        int high = blocks.count();
        int deepest = NONE;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int run = table.get(key(blocks, middle, namespace));
            if (run != NONE && tree.covers(run, middle)) {
                deepest = run;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        known = low;
        pathLength = 0;
        for (int run = deepest; run != NONE; run = tree.parent(run)) {
            if (pathLength == path.length) {
                path = Arrays.copyOf(path, pathLength * 2);
            }
            path[pathLength++] = run;
        }
    }

    private void append(int above, int from, PrefixMatch match, int slot) {
        int count = Math.min(match.blocks().count(), MAX_BLOCKS);
        int k = from;
        int parent = above;
        if (parent != NONE && k < count && tree.extensible(parent, slot)) {
            int end = Math.min(count, tree.start(parent) + MAX_RUN_BLOCKS);
            k = extend(parent, k, end, match);
            if (k < end) {
                return;
            }
        }
        while (k < count) {
            int run = tree.create(k, parent);
            if (run == NONE) {
                return;
            }
            int end = Math.min(count, k + MAX_RUN_BLOCKS);
            int reached = extend(run, k, end, match);
            if (reached == k || tree.addOwner(run, ages.ownership(slot)) == NONE) {
                tree.release(run);
                return;
            }
            if (reached < end) {
                return;
            }
            k = reached;
            parent = run;
        }
    }

    /** Gives blocks to a run, and returns the first that it did not get for lack of room. */
    private int extend(int run, int from, int end, PrefixMatch match) {
        int k = from;
        while (k < end) {
            int count = fetchKeys(k, end, match);
            for (int i = 0; i < count; i++) {
                if (!table.put(keys[i], run)) {
                    return k;
                }
                tree.extend(run);
                k++;
            }
        }
        return k;
    }

    private int split(int run, int at, PrefixMatch match) {
        int head = tree.split(run, at);
        if (head != NONE) {
            int k = tree.start(head);
            while (k < at) {
                int count = fetchKeys(k, at, match);
                for (int i = 0; i < count; i++) {
                    table.put(keys[i], head);
                }
                k += count;
            }
        }
        return head;
    }

    /** Puts the keys of some blocks from {@code k} on into {@link #keys}, and returns how many. */
    private int fetchKeys(int k, int end, PrefixMatch match) {
        int count = Math.min(keys.length, end - k);
        for (int i = 0; i < count; i++) {
            keys[i] = key(match.blocks(), k + i, match.namespace());
        }
        table.fetch(keys, count);
        return count;
    }

    private void prepareRenewal(int count) {
        if (renewed.length < count) {
            renewed = new int[count * 2];
        }
    }

    private void renew(int count, int slot) {
        long ownership = ages.ownership(slot);
        for (int i = 0; i < count; i++) {
            tree.ownership(renewed[i], ownership);
        }
    }

    private static long namespace(String model) {
        return XxHash64.mix(model.hashCode() * 0x9E3779B97F4A7C15L);
    }

    private static long key(PromptBlocks blocks, int k, long namespace) {
        return XxHash64.mix(blocks.hash(k) ^ namespace);
    }
}
