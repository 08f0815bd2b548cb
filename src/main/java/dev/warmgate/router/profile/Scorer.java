package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

/**
 * How well an endpoint suits a request, 0 (not at all) to 1, in its own terms. A profile adds the scores of its scorers,
 * each times its weight; the weights need not add up to anything.
 */
public sealed interface Scorer
        permits ContextLength,
                Scorer.ActiveRequests,
                Scorer.Attribute,
                Scorer.HeaderLabel,
                Scorer.KvCacheUtilization,
                Scorer.LoadAware,
                Scorer.LoraAffinity,
                Scorer.NoHitLru,
                Scorer.PrefixCache,
                Scorer.Queue,
                Scorer.RunningRequests,
                Scorer.TokenLoad,
                SessionAffinity {
    /** Few waiting in the engine, between the candidates' extremes: {@code queue-scorer}. */
    record Queue() implements Scorer {}

    /** Few computed by the engine, between the candidates' extremes: {@code running-requests-size-scorer}. */
    record RunningRequests() implements Scorer {}

    /** Free KV cache: {@code kv-cache-utilization-scorer}. */
    record KvCacheUtilization() implements Scorer {}

    /**
     * Few waiting in the engine, against a threshold: {@code load-aware-scorer}.
     *
     * @param threshold so many that there could as well be more; 128 if not above 0
     */
    record LoadAware(int threshold) implements Scorer {
        static final int DEFAULT_THRESHOLD = 128;

        public LoadAware {
            threshold = threshold <= 0 ? DEFAULT_THRESHOLD : threshold;
        }
    }

    /**
     * Much of the prompt in the cache: {@code prefix-cache-scorer}.
     *
     * @param matchLengthWeight how much the length of what is held counts, and not its share of the prompt; 0..1
     * @param matchLengthScaleTokens a length that could as well be longer
     */
    record PrefixCache(double matchLengthWeight, int matchLengthScaleTokens) implements Scorer {
        public static final PrefixCache DEFAULT = new PrefixCache(0, 8192);

        public PrefixCache {
            Require.share(matchLengthWeight, "matchLengthWeight");
            Require.that(matchLengthScaleTokens > 0, "matchLengthScaleTokens", matchLengthScaleTokens, "above 0");
        }
    }

    /** The wanted adapter loaded, or room for it: {@code lora-affinity-scorer}. */
    record LoraAffinity() implements Scorer {}

    /**
     * Few in flight by our own count: {@code active-request-scorer}.
     *
     * @param idleThreshold so many count as none
     * @param maxBusyScore the most that a busy one gets, 0..1
     */
    record ActiveRequests(int idleThreshold, double maxBusyScore) implements Scorer {
        public static final ActiveRequests DEFAULT = new ActiveRequests(0, 1);

        /** Takes the defaults for what is out of range, as the reference does. */
        public ActiveRequests {
            idleThreshold = Math.max(0, idleThreshold);
            maxBusyScore = maxBusyScore >= 0 && maxBusyScore <= 1 ? maxBusyScore : 1;
        }
    }

    /**
     * Few uncached tokens in flight, this request's among them: {@code token-load-scorer}.
     *
     * @param queueThresholdTokens so many that there could as well be more
     */
    record TokenLoad(long queueThresholdTokens) implements Scorer {
        public static final TokenLoad DEFAULT = new TokenLoad(4_194_304);

        public TokenLoad {
            Require.that(queueThresholdTokens > 0, "queueThresholdTokens", queueThresholdTokens, "above 0");
        }
    }

    /**
     * Longest without a prompt that nobody held, where nobody holds this one: {@code no-hit-lru-scorer}.
     *
     * @param lruSize of so many endpoints it is known; at least 1
     */
    record NoHitLru(int lruSize) implements Scorer {
        public static final NoHitLru DEFAULT = new NoHitLru(1024);

        public NoHitLru {
            Require.that(lruSize > 0, "lruSize", lruSize, "above 0");
        }
    }

    /**
     * A label that has the value of a header: {@code header-label-affinity-scorer}.
     *
     * @param headerName the header, in any case
     * @param labelKey the label
     */
    record HeaderLabel(String headerName, String labelKey) implements Scorer {
        public HeaderLabel {
            Require.named(headerName, "headerName");
            Require.named(labelKey, "labelKey");
        }
    }

    /** A low, or high, value of an attribute: {@code endpoint-attribute-scorer}. */
    record Attribute(CoreMetric attribute, boolean higherIsBetter, Range range) implements Scorer {
        public Attribute {
            requireNonNull(attribute, "attribute");
            requireNonNull(range, "range");
        }
    }

    /** Between which values {@link Attribute} counts. */
    sealed interface Range {
        /** Between the candidates' extremes: {@code adaptiveRange}. */
        record Adaptive() implements Range {}

        /** Between two fixed values: {@code fixedRange}. */
        record Fixed(double min, double max) implements Range {
            public Fixed {
                Require.finite(min, "min");
                Require.finite(max, "max");
                Require.that(min < max, "max", max, "above min");
            }
        }
    }

    /** A scorer by its name in the configuration, and its weight; the same name in several profiles is the same scorer. */
    record Weighted(String name, Scorer scorer, double weight) {
        public Weighted {
            Require.named(name, "name");
            requireNonNull(scorer, "scorer");
            Require.finite(weight, "weight");
        }
    }
}
