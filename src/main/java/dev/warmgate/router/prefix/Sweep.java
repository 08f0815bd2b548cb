package dev.warmgate.router.prefix;

import org.jspecify.annotations.Nullable;

/**
 * Makes room in the index when memory runs short, a few steps with every insertion, so that there is no pause. Confined to the pool's lock.
 */
final class Sweep {
    /*
     * Oldest entries of the shadows are forgotten. To find a shadow that can spare one, look at some anywhere and at the one
     * that was found last, and take the best: history first, else the one that remembers most of its engine's capacity. So
     * all come to remember about the same share, even if one gets most of the prompts. Work is bounded per call; what is
     * left to do the next call does.
     */

    /** Fill that counts as full; the rest is for one big insertion. */
    private static final double FULL = 0.95;

    private static final int CANDIDATES = 8;

    /** Entries forgotten per call, to which as many are added as the insertion may need. */
    private static final int MAX_DROPS = 1 << 6;

    private final RunTree tree;
    private CacheShadow[] shadows;

    /** Which could spare most when it was last looked for. */
    private @Nullable CacheShadow last;

    private long looks;

    Sweep(RunTree tree, CacheShadow[] shadows) {
        this.tree = tree;
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
        var best = last;
        double most = best == null ? -1 : spare(best);
        for (int i = 0; i < CANDIDATES; i++) {
            var shadow = shadows[(int) (((XxHash64.mix(looks++) >>> 32) * shadows.length) >>> 32)];
            double value = spare(shadow);
            if (value > most) {
                best = shadow;
                most = value;
            }
        }
        last = best;
        if (best != null) {
            best.drop();
        }
    }

    /** Returns how well a shadow can do without its oldest entry; less than nothing if it has none. */
    private static double spare(CacheShadow shadow) {
        return shadow.oldest() == Records.NONE ? -1 : shadow.dispensable();
    }
}
