package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Decision} taken apart: what every candidate looked like at that moment, what it would have cost, and why the
 * chosen one was chosen. Made only for requests that {@linkplain InferenceRequest#explain ask for it}; immutable.
 *
 * @param candidates all endpoints that could have been chosen, the cheapest or best first; in the pool's order where costs
 *     and scores are equal or unknown, but the chosen one before its equals
 * @param chosen one of them
 * @param reason one line in plain English
 */
public record Explanation(List<Candidate> candidates, Candidate chosen, String reason) {
    /**
     * Brings the candidates into order.
     *
     * @throws IllegalArgumentException if the chosen one is none of them or two have the same name
     */
    public Explanation {
        requireNonNull(chosen, "chosen");
        var cheapest = Comparator.<Candidate>comparingDouble(candidate -> candidate.price.costSeconds);
        candidates = candidates.stream()
                .sorted(cheapest.thenComparing(Comparator.<Candidate>comparingDouble(Candidate::rank)
                                .reversed())
                        .thenComparing(candidate -> !candidate.equals(chosen)))
                .toList();
        var names = new HashSet<String>();
        for (var candidate : candidates) {
            require(names.add(candidate.endpoint), "candidates", candidate.endpoint, "none twice");
        }
        require(candidates.contains(chosen), "chosen", chosen.endpoint, "one of the candidates");
        require(!reason.isBlank() && reason.indexOf('\n') < 0, "reason", "\"" + reason + "\"", "one line");
    }

    /** Returns the cheapest or best candidate that was not chosen, or null if there is none or the policy compares nothing. */
    public @Nullable Candidate runnerUp() {
        for (var candidate : candidates) {
            if (!candidate.equals(chosen)) {
                return candidate.price.known() || candidate.rated() ? candidate : null;
            }
        }
        return null;
    }

    /**
     * One endpoint that could have been chosen.
     *
     * @param endpoint its name
     * @param facts what it looked like
     * @param price what placing the request there would have cost
     * @param score how it was rated; null under a policy without scores
     */
    public record Candidate(
            String endpoint,
            Facts facts,
            Price price,
            @Nullable Score score) {
        public Candidate {
            requireNonNull(endpoint, "endpoint");
            requireNonNull(facts, "facts");
            requireNonNull(price, "price");
        }

        /** Creates a candidate under a policy without scores. */
        public Candidate(String endpoint, Facts facts, Price price) {
            this(endpoint, facts, price, null);
        }

        /** Returns whether it was compared by its score. */
        public boolean rated() {
            return score != null && score.leftOutBy == null;
        }

        double rank() {
            return score == null ? 0 : score.leftOutBy == null ? score.total : Double.NEGATIVE_INFINITY;
        }
    }

    /**
     * An endpoint at the moment of the decision, before this request was booked on it.
     *
     * @param inFlight requests dispatched there and not settled
     * @param pendingPrefillTokens uncached prompt tokens dispatched there whose first token has not come
     * @param pendingPrefillSeconds how long the policy expects their prefill to take; 0 if it predicts none
     * @param cachedTokens prompt tokens that it is believed to hold in its KV cache; -1 if the policy did not look
     * @param uncachedTokens prompt tokens that it would have to compute; -1 if the policy did not look
     */
    public record Facts(
            int inFlight,
            long pendingPrefillTokens,
            double pendingPrefillSeconds,
            int cachedTokens,
            int uncachedTokens) {
        public Facts {
            require(inFlight >= 0, "inFlight", inFlight, "at least 0");
            require(cachedTokens >= -1, "cachedTokens", cachedTokens, "at least -1");
            require(
                    cachedTokens < 0 ? uncachedTokens == -1 : uncachedTokens >= 0,
                    "uncachedTokens",
                    uncachedTokens,
                    "-1 if cachedTokens is, else at least 0");
        }

        /** Returns whether the policy asked the prefix index. */
        public boolean cacheKnown() {
            return cachedTokens >= 0;
        }
    }

    /**
     * What it would have cost to place the request on one endpoint.
     *
     * @param costSeconds the price that was compared; NaN under a policy without prices
     * @param terms what it is the sum of, in the order of the policy's formula; may be empty
     * @param ttftSeconds predicted time to the first token; NaN if the policy predicts none
     */
    public record Price(double costSeconds, List<Term> terms, double ttftSeconds) {
        /** No price: the policy compares no costs. */
        public static final Price NONE = new Price(Double.NaN, List.of(), Double.NaN);

        private static final double ROUNDING = 1e-9;

        public Price {
            terms = List.copyOf(terms);
            if (!terms.isEmpty()) {
                double sum = terms.stream().mapToDouble(Term::seconds).sum();
                double size = terms.stream()
                        .mapToDouble(term -> Math.abs(term.seconds))
                        .sum();
                require(
                        Math.abs(sum - costSeconds) <= ROUNDING * (1 + size),
                        "costSeconds",
                        costSeconds,
                        sum + ", the sum of its terms");
            }
        }

        /** Returns a price given by its terms. */
        public static Price of(List<Term> terms, double ttftSeconds) {
            return new Price(terms.stream().mapToDouble(Term::seconds).sum(), terms, ttftSeconds);
        }

        /** Returns whether there is a price. */
        public boolean known() {
            return !Double.isNaN(costSeconds);
        }
    }

    /**
     * One part of a price.
     *
     * @param name one word, the same for every candidate
     * @param seconds its share of the cost; negative for a discount
     */
    public record Term(String name, double seconds) {
        public Term {
            require(!name.isBlank(), "name", "\"" + name + "\"", "a word");
            require(Double.isFinite(seconds), name, seconds, "a finite number of seconds");
        }
    }

    /**
     * How one endpoint was rated: the sum of what plugins said, each times its weight.
     *
     * @param total the sum that was compared; NaN if it was left out
     * @param parts what it is the sum of, in the order of the configuration; none if it was left out
     * @param leftOutBy the filter that left it out, or null
     */
    public record Score(
            double total, List<Part> parts, @Nullable String leftOutBy) {
        public Score {
            parts = List.copyOf(parts);
        }

        /** Returns the score of an endpoint that a filter left out. */
        public static Score leftOut(String by) {
            return new Score(Double.NaN, List.of(), by);
        }
    }

    /**
     * What one plugin said.
     *
     * @param name its name
     * @param weight what its word counts
     * @param score 0 to 1
     */
    public record Part(String name, double weight, double score) {
        /** Returns its share of the sum. */
        public double weighted() {
            return weight * score;
        }
    }

    private static void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
