package dev.warmgate.router.prefix;

import org.jspecify.annotations.Nullable;

/**
 * Makes room in the index when memory runs short, a few steps with every insertion, so that there is no pause. Confined to the pool's lock.
 */
final class Sweep {
    /*
     * Oldest entries of the shadows are forgotten. To find a shadow that can spare one, look at some owners anywhere and take
     * the best of theirs: history first, else the one that remembers most of its engine's capacity. So all come to remember
     * about the same share. Work is bounded per call; what is left to do the next call does.
     */

    /** Fill that counts as full; the rest is for one big insertion. */
    private static final double FULL = 0.95;

    private static final int CANDIDATES = 8;

    /** Entries forgotten per call, to which as many are added as the insertion may need. */
    private static final int MAX_DROPS = 1 << 6;

    private final RunTree tree;
    private final Owners owners;
    private CacheShadow[] shadows;

    private long looks;

    Sweep(RunTree tree, CacheShadow[] shadows) {
        this.tree = tree;
        this.owners = tree.owners();
        this.shadows = shadows;
    }

    /** Hears of more shadows. */
    void shadows(CacheShadow[] all) {
        shadows = all;
    }

    /** Does the work that is due after an insertion. */
    void run() {
        for (int left = MAX_DROPS + tree.takeCreated(); left > 0 && tree.fill() > FULL; left--) {
            drop();
        }
    }

    private void drop() {
        @Nullable CacheShadow best = null;
        double bestValue = 0;
        for (int i = 0; i < CANDIDATES; i++) {
            int o = (int) (((XxHash64.mix(looks++) >>> 32) * owners.used()) >>> 32);
            if (owners.idle(o) || owners.ghost(o)) {
                var shadow = shadows[owners.slot(o)];
                double value = shadow.dispensable();
                if (best == null || value > bestValue) {
                    best = shadow;
                    bestValue = value;
                }
            }
        }
        if (best != null) {
            best.drop();
        }
    }
}
