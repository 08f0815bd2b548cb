package dev.warmgate.router.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PickersTest {
    private static final int DRAWS = 30_000;

    private static double[] shares(Picker.Rule rule, double... scores) {
        var random = new Random(1);
        var shares = new double[scores.length];
        for (int n = 0; n < DRAWS; n++) {
            shares[Pickers.pick(new Picker(rule, 1), scores, scores.length, random)] += 1.0 / DRAWS;
        }
        return shares;
    }

    private static void near(double[] shares, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(shares[i]).as("share of " + i).isBetween(expected[i] - 0.015, expected[i] + 0.015);
        }
    }

    @Test
    void theHighestScoreWinsAndTiesAreEvenlyRandom() {
        assertThat(shares(Picker.Rule.MAX_SCORE, 1, 3, 2)).containsExactly(0, shares(Picker.Rule.MAX_SCORE, 1)[0], 0);
        near(shares(Picker.Rule.MAX_SCORE, 2, 1, 2, 2), 1 / 3.0, 0, 1 / 3.0, 1 / 3.0);
        near(shares(Picker.Rule.MAX_SCORE, -1, -2), 1, 0);
    }

    @Test
    void randomDoesNotLookAtScores() {
        near(shares(Picker.Rule.RANDOM, 100, 0, 1, -5), 0.25, 0.25, 0.25, 0.25);
    }

    @Test
    void weightedRandomDrawsInProportion() {
        near(shares(Picker.Rule.WEIGHTED_RANDOM, 1, 2, 5, 0), 0.125, 0.25, 0.625, 0);
        near(shares(Picker.Rule.WEIGHTED_RANDOM, 0, 0, -1), 1 / 3.0, 1 / 3.0, 1 / 3.0);
        near(shares(Picker.Rule.WEIGHTED_RANDOM, 1e-9, 3e-9), 0.25, 0.75);
    }
}
