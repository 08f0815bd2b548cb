package dev.warmgate.router.profile;

import java.util.random.RandomGenerator;

/** Pickers at work: each takes one of {@code size} scores, at least one. */
final class Pickers {
    /** In place of 0, whose logarithm has no end. */
    private static final double LEAST = 1e-10;

    private Pickers() {}

    static int pick(Picker picker, double[] scores, int size, RandomGenerator random) {
        return switch (picker.rule()) {
            case MAX_SCORE -> highest(scores, size, random);
            case RANDOM -> random.nextInt(size);
            case WEIGHTED_RANDOM -> weighted(scores, size, random);
        };
    }

    private static int highest(double[] scores, int size, RandomGenerator random) {
        int best = 0;
        int ties = 1;
        for (int k = 1; k < size; k++) {
            if (scores[k] > scores[best]) {
                best = k;
                ties = 1;
            } else if (scores[k] == scores[best] && random.nextInt(++ties) == 0) {
                best = k;
            }
        }
        return best;
    }

    /** The greatest u^(1/score), u at random: A-Res (Efraimidis and Spirakis, 2006). */
    private static int weighted(double[] scores, int size, RandomGenerator random) {
        int best = -1;
        double greatest = 0;
        for (int k = 0; k < size; k++) {
            if (scores[k] > 0) {
                // Compared by their logarithms, which small scores do not make equal.
                double key = Math.log(Math.max(LEAST, random.nextDouble())) / scores[k];
                if (best < 0 || key > greatest) {
                    best = k;
                    greatest = key;
                }
            }
        }
        return best < 0 ? random.nextInt(size) : best;
    }
}
