package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

/**
 * Which of the rated endpoints takes the request.
 *
 * @param rule how it is chosen
 * @param maxNumOfEndpoints how many are named, the first to be asked first; 1 if not above 0. The router books one; how
 *     many more a door names is its own setting
 */
public record Picker(Rule rule, int maxNumOfEndpoints) {
    public static final Picker MAX_SCORE = new Picker(Rule.MAX_SCORE, 1);

    /** How an endpoint is chosen. */
    public enum Rule {
        /** One with the highest score, any of them: {@code max-score-picker}. */
        MAX_SCORE,
        /** Any: {@code random-picker}. */
        RANDOM,
        /** Any, in proportion to the scores: {@code weighted-random-picker}. */
        WEIGHTED_RANDOM
    }

    public Picker {
        requireNonNull(rule, "rule");
        maxNumOfEndpoints = Math.max(1, maxNumOfEndpoints);
    }
}
