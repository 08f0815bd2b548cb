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
     * a run holds everything before it. So owners are kept per run, not per block, and a hash table (RunTable) leads from a
     * run and the block after it to the next run. Of each block, 32 bits are kept beside those before and after it
     * (BlockStore), so a prompt is written, compared and freed in order: no work is done per block but to copy it. A block's
     * hash covers its whole past, hence a run whose last block agrees with a prompt agrees as a whole.
     *
     * A conversation that goes on where it was extends its last run in place. A prompt that parts from a known one inside a
     * run splits that run.
     *
     * What an endpoint still holds is what a shadow of its engine's cache holds (CacheShadow). When there is no room at all,
     * a prompt is not recorded.
     */

    private static final int NONE = Records.NONE;

    // Shares of the bytes: balanced for runs of nine blocks with two owners.
    private static final double RUNS_SHARE = 0.255;
    private static final double BLOCKS_SHARE = 0.465;
    private static final double OWNERS_SHARE = 0.28;

    private static final long LEAST_BYTES = 1 << 20;

    /** Blocks of one prompt that are remembered: a million tokens, so that one request cannot hold the lock for long. */
    private static final int MAX_BLOCKS = 1 << 14;

    /** Blocks of one run, so that the place where a prompt parts from it is found in a few steps. */
    private static final int MAX_RUN_BLOCKS = 1 << 8;

    // Not private so that tests see whether they fit together.
    final RunTree tree;
    CacheShadow[] shadows;

    private final Owners owners;
    private final Sweep sweep;
    private final long kvCapacityTokens;

    // Where locate() found a prompt: leading blocks known, and the runs that hold them, from the root.
    private int known;
    private int[] path = new int[64];
    private int pathLength;

    /**
     * Creates an empty index.
     *
     * @param endpoints number of endpoints; see {@link #grow}
     * @param kvCapacityTokens capacity assumed for each until {@link #capacity} is called
     * @param maxBytes upper bound of memory; 1 MiB is used at least
     */
    public PrefixIndex(int endpoints, long kvCapacityTokens, long maxBytes) {
        long bytes = Math.max(maxBytes - (long) CacheShadow.BYTES * endpoints, LEAST_BYTES / 2);
        tree = new RunTree((long) (bytes * RUNS_SHARE), (long) (bytes * BLOCKS_SHARE), (long) (bytes * OWNERS_SHARE));
        owners = tree.owners();
        this.kvCapacityTokens = kvCapacityTokens;
        shadows = new CacheShadow[0];
        sweep = new Sweep(tree, shadows);
        grow(endpoints);
    }

    /**
     * Makes room for more endpoints. Beyond those that the index was made for, each takes 128 bytes above its bound.
     *
     * @param endpoints number of endpoints, up to 65,535
     */
    public void grow(int endpoints) {
        int before = shadows.length;
        if (endpoints <= before) {
            return;
        }
        shadows = Arrays.copyOf(shadows, endpoints);
        for (int slot = before; slot < endpoints; slot++) {
            shadows[slot] = new CacheShadow(tree, slot, kvCapacityTokens);
        }
        sweep.shadows(shadows);
    }

    /**
     * Sizes and fill of the index.
     *
     * @param blocks block hashes known
     * @param nodes runs of blocks with the same owners
     * @param bytes memory allocated so far
     * @param pressure 1 with room to spare; below, what is left when of the engines' capacity the share is taken away
     *     whose content was forgotten for lack of memory
     */
    public record Stats(int blocks, int nodes, long bytes, double pressure) {}

    /** Returns sizes and fill. */
    public Stats stats() {
        long bytes = tree.bytes() + (long) CacheShadow.BYTES * shadows.length;
        long forgotten = 0;
        long capacity = 0;
        for (var shadow : shadows) {
            forgotten += shadow.forgotten();
            capacity += shadow.capacity();
        }
        return new Stats(tree.blocks(), tree.liveRuns(), bytes, 1 - (double) forgotten / Math.max(1, capacity));
    }

    /**
     * Sets the KV capacity of an endpoint in tokens, as its engine reports it. Evicts what does not fit any more, so not to
     * be called between {@link #find} and {@link #record}.
     */
    public void capacity(int slot, long tokens) {
        shadows[slot].capacity(tokens);
    }

    /**
     * Returns the tokens of prompts that requests in flight use at an endpoint; what several of them share counts once.
     */
    public long pinnedTokens(int slot) {
        return shadows[slot].pinned();
    }

    /**
     * Forgets everything about one endpoint, because its engine restarted or it is gone. Requests in flight there must be released all
     * the same.
     */
    public void forget(int slot) {
        shadows[slot].forget();
    }

    /**
     * Learns from an engine's answer that something was not in its cache. Engines evict least recently used first, so all
     * that the endpoint was believed to hold with that stamp or an older one is gone as well. What was recorded or
     * released after the request was placed stays, and so does what requests in flight use.
     *
     * @param stamp what {@link PrefixMatch#stamp} said when the request was placed; negative changes nothing
     */
    public void evicted(int slot, long stamp) {
        if (stamp >= 0) {
            shadows[slot].evicted((int) stamp);
        }
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
        into.begin(blocks, namespace, shadows.length, nanoTime);
        locate(blocks, namespace);
        into.knownBlocks(known);
        int deepest = pathLength == 0 ? NONE : path[pathLength - 1];
        into.continues(deepest != NONE && known == tree.end(deepest) && tree.children(deepest) == 0);
        for (int i = 0; i < pathLength; i++) {
            int run = path[i];
            into.segment(run, blocks.tokens(Math.min(tree.end(run), known)), tree.popularity(run, nanoTime));
            int end = blocks.tokens(tree.start(run)) + tree.tokens(run);
            for (int o = tree.firstOwner(run); o != NONE; o = owners.next(o)) {
                int slot = owners.slot(o);
                if (owners.ghost(o)) {
                    into.formerOwner(slot);
                } else if (shadows[slot].believes(o)) {
                    into.owner(
                            slot,
                            end - shadows[slot].cut(o),
                            Integer.toUnsignedLong(owners.stamp(o)),
                            owners.pinned(o));
                }
            }
        }
    }

    /**
     * Records that the prompt of a match was sent to an endpoint, whose engine therefore holds it at least until
     * {@link #released}. Must follow the {@link #find} that filled the match with no other change between.
     *
     * @return what {@link #released} must be told
     */
    public int record(PrefixMatch match, int slot) {
        return record(match, slot, true);
    }

    /**
     * Tells that somebody wants a prompt but has to wait: that makes what it begins with popular before it is sent. Must
     * follow the {@link #find} that filled the match with no other change between.
     */
    public void wanted(PrefixMatch match) {
        if (match.segments() > 0) {
            tree.addPopularity(match.run(match.segments() - 1), match.nanoTime());
        }
    }

    /**
     * The same.
     *
     * @param first whether this is the first that is heard of it: not after {@link #wanted}
     */
    public int record(PrefixMatch match, int slot, boolean first) {
        var blocks = match.blocks();
        var shadow = shadows[slot];
        shadow.tick();
        int knownBlocks = match.knownBlocks();
        int last = NONE;
        for (int i = 0; i < match.segments(); i++) {
            int run = match.run(i);
            if (tree.end(run) > knownBlocks) {
                run = split(run, knownBlocks, match);
            }
            if (run == NONE || !shadow.pin(run)) {
                break;
            }
            last = run;
        }
        int reached = end(last);
        if (last != NONE && first) {
            tree.addPopularity(last, match.nanoTime());
        }
        if (reached == knownBlocks) {
            last = append(last, reached, match, slot);
        }
        // The engine computes and caches the rest whether or not there is room to remember it here.
        shadow.pinMore(blocks.tokens() - blocks.tokens(end(last)));
        shadow.evict();
        sweep.run();
        return last;
    }

    /**
     * Tells that a request ended: once for each {@link #record}. Its prompt is now the newest of what its engine may evict,
     * its answer a little older.
     *
     * @param blocks the prompt that was recorded
     * @param pin what {@link #record} returned
     * @param outputTokens tokens of the answer; 0 if unknown
     */
    public void released(PromptBlocks blocks, int slot, int pin, int outputTokens) {
        var shadow = shadows[slot];
        shadow.tick();
        shadow.discard(blocks.tokens() - blocks.tokens(end(pin)), outputTokens);
        int run = pin;
        while (run != NONE) {
            int parent = tree.parent(run);
            shadow.unpin(run);
            run = parent;
        }
        shadow.evict();
    }

    /** Finds the longest known part of a prompt and leaves it in {@link #known} and {@link #path}. */
    private void locate(PromptBlocks blocks, long namespace) {
        known = 0;
        pathLength = 0;
        int run = NONE;
        while (known < blocks.count()) {
            run = tree.child(run, blocks.fingerprint(known, namespace));
            if (run == NONE) {
                return;
            }
            if (pathLength == path.length) {
                path = Arrays.copyOf(path, pathLength * 2);
            }
            path[pathLength++] = run;
            known = tree.agrees(run, blocks, namespace);
            if (known < tree.end(run)) {
                return;
            }
        }
    }

    /** Writes the rest of a prompt, pinned, and returns the last run of what there was room for. */
    private int append(int above, int from, PrefixMatch match, int slot) {
        var shadow = shadows[slot];
        int count = Math.min(match.blocks().count(), MAX_BLOCKS);
        int k = from;
        int parent = above;
        // Another request that uses the run may end at another time than this one.
        if (parent != NONE && k < count && tree.extensible(parent, slot) && shadow.pinnedOnce(parent)) {
            int end = Math.min(count, tree.start(parent) + MAX_RUN_BLOCKS);
            k = extend(parent, end, match, shadow);
            if (k < end) {
                return parent;
            }
        }
        while (k < count) {
            int run = tree.create(k, parent, match.blocks().fingerprint(k, match.namespace()));
            if (run == NONE || !shadow.pin(run)) {
                if (run != NONE) {
                    tree.release(run);
                }
                return parent;
            }
            int end = Math.min(count, k + MAX_RUN_BLOCKS);
            int reached = extend(run, end, match, shadow);
            if (reached == k) {
                tree.removeOwner(tree.firstOwner(run));
                return parent;
            }
            parent = run;
            if (reached < end) {
                return parent;
            }
            k = reached;
        }
        return parent;
    }

    /** Gives blocks to a pinned run, and returns the first that it did not get for lack of room. */
    private int extend(int run, int end, PrefixMatch match, CacheShadow shadow) {
        int tokens = tree.tokens(run);
        int reached = tree.extend(run, match.blocks(), match.namespace(), end);
        shadow.pinMore(tree.tokens(run) - tokens);
        return reached;
    }

    private int split(int run, int at, PrefixMatch match) {
        var blocks = match.blocks();
        int head = tree.split(run, at, blocks.tokens(at) - blocks.tokens(tree.start(run)));
        if (head == NONE) {
            return NONE;
        }
        for (int o = tree.firstOwner(run); o != NONE; o = owners.next(o)) {
            int slot = owners.slot(o);
            shadows[slot].split(o, tree.addOwner(head, slot));
        }
        return head;
    }

    private int end(int run) {
        return run == NONE ? 0 : tree.end(run);
    }

    private static long namespace(String model) {
        return XxHash64.mix(model.hashCode() * 0x9E3779B97F4A7C15L);
    }
}
