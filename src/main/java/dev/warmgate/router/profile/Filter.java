package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which endpoints may take a request. A filter that leaves nobody ends the choice: the request is refused. */
public sealed interface Filter
        permits ConcurrencyDetector,
                ContextLength,
                Filter.Attribute,
                Filter.Label,
                Filter.Labels,
                Filter.NamedByHeader,
                Filter.PrefixAffinity,
                Filter.Stage,
                Filter.Utilization,
                SessionAffinity,
                UtilizationDetector {
    /** Those whose labels a selector matches: {@code label-selector-filter}, {@code by-label-selector}. */
    record Labels(LabelSelector selector) implements Filter {
        public Labels {
            requireNonNull(selector, "selector");
        }
    }

    /**
     * Those with certain values of a label: {@code by-label}.
     *
     * @param label the label's key
     * @param validValues values that are let through
     * @param allowsNoLabel whether endpoints without that label are
     */
    record Label(String label, Set<String> validValues, boolean allowsNoLabel) implements Filter {
        public Label {
            Require.named(label, "label");
            validValues = Set.copyOf(validValues);
            Require.that(
                    allowsNoLabel || !validValues.isEmpty(),
                    "validValues",
                    validValues,
                    "some, or allowsNoLabel: true");
        }
    }

    /** Those that do one stage of the work by their configured role, else by their label {@code llm-d.ai/role}. */
    enum Stage implements Filter {
        /** {@code decode-filter}: also those without a role. */
        DECODE,
        /** {@code prefill-filter}. */
        PREFILL,
        /** {@code encode-filter}. */
        ENCODE
    }

    /**
     * Those that a header names, by {@code ip:port}, or by {@code ip} for all its ports; nobody if it is missing:
     * {@code header-based-testing-filter}, with which gateways are tested for conformance. Their order does not matter.
     */
    enum NamedByHeader implements Filter {
        /** By the header {@code test-epp-endpoint-selection}. */
        TEST_SELECTION
    }

    /**
     * Those whose attribute compares to a value: {@code endpoint-attribute-filter} with the algorithm {@code threshold}.
     *
     * @param attribute what is looked at
     * @param onMissingPass whether those whose attribute is not known are let through
     * @param fallbackOnEmpty whether all are let through where nobody would be
     */
    record Attribute(
            CoreMetric attribute, Comparison operator, double value, boolean onMissingPass, boolean fallbackOnEmpty)
            implements Filter {
        public Attribute {
            requireNonNull(attribute, "attribute");
            requireNonNull(operator, "operator");
            Require.finite(value, "value");
        }
    }

    /** How an attribute is compared. */
    enum Comparison {
        LESS_THAN,
        LESS_THAN_OR_EQUAL,
        GREATER_THAN,
        GREATER_THAN_OR_EQUAL,
        EQUAL,
        NOT_EQUAL;

        boolean holds(double left, double right) {
            return switch (this) {
                case LESS_THAN -> left < right;
                case LESS_THAN_OR_EQUAL -> left <= right;
                case GREATER_THAN -> left > right;
                case GREATER_THAN_OR_EQUAL -> left >= right;
                case EQUAL -> left == right;
                case NOT_EQUAL -> left != right;
            };
        }
    }

    /**
     * Those of which no metric is above its limit, unknown metrics being 0: {@code utilization-filter}.
     *
     * @param conditions the limits, at least one
     * @param fallbackOnEmpty whether all are let through where nobody would be
     */
    record Utilization(List<Condition> conditions, boolean fallbackOnEmpty) implements Filter {
        public Utilization {
            conditions = List.copyOf(conditions);
            Require.that(!conditions.isEmpty(), "conditions", "none", "at least one");
        }
    }

    /** The most that {@link Utilization} lets through of something. */
    record Condition(LoadMetric metric, double maxValue) {
        public Condition {
            requireNonNull(metric, "metric");
            if (metric == LoadMetric.KV_CACHE_UTILIZATION) {
                Require.share(maxValue, "maxValue");
            } else {
                Require.that(maxValue >= 0 && Double.isFinite(maxValue), "maxValue", maxValue, "at least 0");
            }
        }
    }

    /** What {@link Utilization} looks at. */
    enum LoadMetric {
        /** Requests in flight, by our own count: {@code active-requests}. */
        ACTIVE_REQUESTS,
        RUNNING_REQUESTS,
        WAITING_QUEUE,
        KV_CACHE_UTILIZATION
    }

    /**
     * Those that hold the prompt, while that does not cost too much: {@code prefix-cache-affinity-filter} with the
     * {@code ttftSource: prefillThroughput}.
     *
     * @param affinityThreshold share of the prompt from which an endpoint is one that holds it; 0 lets all through
     * @param explorationProbability how often all are let through, 0..1
     * @param maxTtftPenaltyMs how much longer the queue of tokens at the best holder may take than elsewhere; 0 for no bound
     * @param peakPrefillThroughput tokens per second that turn such a queue into time
     */
    record PrefixAffinity(
            double affinityThreshold,
            double explorationProbability,
            double maxTtftPenaltyMs,
            double peakPrefillThroughput)
            implements Filter {
        public static final PrefixAffinity DEFAULT = new PrefixAffinity(0.80, 0, 18_000, 15_928);

        public PrefixAffinity {
            Require.that(affinityThreshold <= 1, "affinityThreshold", affinityThreshold, "at most 1");
            Require.share(explorationProbability, "explorationProbability");
            Require.finite(maxTtftPenaltyMs, "maxTTFTPenaltyMs");
            Require.that(
                    peakPrefillThroughput > 0 && Double.isFinite(peakPrefillThroughput),
                    "peakPrefillThroughput",
                    peakPrefillThroughput,
                    "above 0");
        }
    }

    /** A filter by its name in the configuration; the same name in several profiles is the same filter. */
    record Named(String name, Filter filter) {
        public Named {
            Require.named(name, "name");
            requireNonNull(filter, "filter");
        }
    }

    /** Returns filters named by their place, for tests and examples. */
    static List<Named> numbered(Filter... filters) {
        var named = new ArrayList<Named>();
        for (var filter : filters) {
            named.add(new Named("filter-" + named.size(), filter));
        }
        return List.copyOf(named);
    }
}
