package dev.warmgate.router.profile;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Role;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Filters at work. */
final class Filters {
    private static final String ROLE_LABEL = "llm-d.ai/role";
    private static final String TEST_SELECTION = "test-epp-endpoint-selection";

    private static final Set<String> DECODES = Set.of("decode", "prefill-decode", "both", "encode-prefill-decode");
    private static final Set<String> PREFILLS =
            Set.of("prefill", "encode-prefill", "prefill-decode", "both", "encode-prefill-decode");
    private static final Set<String> ENCODES = Set.of("encode", "encode-prefill", "encode-prefill-decode");

    private Filters() {}

    static Step.Filtering start(Filter filter) {
        return switch (filter) {
            case Filter.Labels(var selector) -> round -> round.keep(i -> selector.matches(labels(round.endpoint(i))));
            case Filter.Label label -> round -> round.keep(i -> passes(label, round.endpoint(i)));
            case Filter.Stage stage -> round -> round.keep(i -> does(stage, round.endpoint(i)));
            case Filter.NamedByHeader _ -> new HeaderSelection(TEST_SELECTION);
            case Filter.Attribute attribute -> round -> filter(attribute, round);
            case Filter.Utilization utilization -> round -> filter(utilization, round);
            case Filter.PrefixAffinity affinity -> round -> filter(affinity, round);
            case ContextLength length ->
                round -> {
                    if (length.enableFiltering()) {
                        round.keep(i -> Lengths.of(length, round.endpoint(i)).takes(round.promptTokens()));
                    }
                };
            case SessionAffinity affinity -> Sessions.filtering(affinity);
            case UtilizationDetector detector -> round -> filter(detector, round);
            case ConcurrencyDetector detector -> round -> filter(detector, round);
        };
    }

    private static Map<String, String> labels(Endpoint endpoint) {
        return endpoint.spec().labels();
    }

    private static boolean passes(Filter.Label filter, Endpoint endpoint) {
        var value = labels(endpoint).get(filter.label());
        return value == null ? filter.allowsNoLabel() : filter.validValues().contains(value);
    }

    private static boolean does(Filter.Stage stage, Endpoint endpoint) {
        var role = role(endpoint);
        return switch (stage) {
            case DECODE -> role.isEmpty() || DECODES.contains(role);
            case PREFILL -> PREFILLS.contains(role);
            case ENCODE -> ENCODES.contains(role);
        };
    }

    /** Returns the configured role before the label's; our own default, both, says nothing. */
    private static String role(Endpoint endpoint) {
        var role = endpoint.spec().role();
        return role == Role.BOTH
                ? labels(endpoint).getOrDefault(ROLE_LABEL, "")
                : role.name().toLowerCase(Locale.ROOT);
    }

    private static void filter(Filter.Attribute filter, Round round) {
        round.keep(
                i -> {
                    var load = round.load(i);
                    double value =
                            load == null ? Double.NaN : filter.attribute().of(load);
                    return Double.isNaN(value)
                            ? filter.onMissingPass()
                            : filter.operator().holds(value, filter.value());
                },
                filter.fallbackOnEmpty());
    }

    private static void filter(Filter.Utilization filter, Round round) {
        round.keep(
                i -> {
                    for (var condition : filter.conditions()) {
                        if (value(condition.metric(), round, i) > condition.maxValue()) {
                            return false;
                        }
                    }
                    return true;
                },
                filter.fallbackOnEmpty());
    }

    private static double value(Filter.LoadMetric metric, Round round, int i) {
        return switch (metric) {
            case ACTIVE_REQUESTS -> round.endpoint(i).inFlight();
            case RUNNING_REQUESTS -> round.running(i);
            case WAITING_QUEUE -> round.waiting(i);
            case KV_CACHE_UTILIZATION -> round.kvUsage(i);
        };
    }

    private static void filter(Filter.PrefixAffinity filter, Round round) {
        double threshold = filter.affinityThreshold();
        if (round.size() <= 1
                || threshold <= 0
                || (filter.explorationProbability() > 0
                        && round.random().nextDouble() < filter.explorationProbability())) {
            return;
        }
        boolean holders = false;
        long least = Long.MAX_VALUE;
        long leastAtHolders = Long.MAX_VALUE;
        for (int k = 0; k < round.size(); k++) {
            int i = round.left(k);
            long tokens = round.tokensInFlight(i);
            if (round.matchShare(i) >= threshold) {
                holders = true;
                leastAtHolders = Math.min(leastAtHolders, tokens);
            } else {
                least = Math.min(least, tokens);
            }
        }
        boolean others = least < Long.MAX_VALUE;
        if (holders
                && !(filter.maxTtftPenaltyMs() > 0
                        && others
                        && (leastAtHolders - least) / filter.peakPrefillThroughput() * 1000
                                > filter.maxTtftPenaltyMs())) {
            round.keep(i -> round.matchShare(i) >= threshold);
        }
    }

    private static void filter(UtilizationDetector detector, Round round) {
        double mostWaiting = detector.queueDepthThreshold() * (1 + detector.headroom());
        double mostUsed = detector.kvCacheUtilThreshold() * (1 + detector.headroom());
        long oldest = round.nanoTime() - detector.metricsStalenessThreshold().toNanos();
        round.keep(
                i -> {
                    var load = round.load(i);
                    return load != null
                            && load.nanoTime() - oldest >= 0
                            && load.waiting() < mostWaiting
                            && round.kvUsage(i) < mostUsed;
                },
                true);
    }

    private static void filter(ConcurrencyDetector detector, Round round) {
        long mostRequests = (long) (detector.maxConcurrency() * (1 + detector.headroom()));
        long mostTokens = (long) (detector.maxTokenConcurrency() * (1 + detector.headroom()));
        boolean requests = detector.concurrencyMode() != ConcurrencyDetector.Mode.TOKENS;
        boolean tokens = detector.concurrencyMode() != ConcurrencyDetector.Mode.REQUESTS;
        round.keep(i -> (!requests || round.endpoint(i).inFlight() < mostRequests)
                && (!tokens || round.tokensInFlight(i) < mostTokens));
    }

    /** Those that a header names. */
    private record HeaderSelection(String header) implements Step.Filtering {
        /** Further ones are not looked at: the lock is held meanwhile. */
        private static final int MOST_NAMES = 128;

        @Override
        public Set<String> hints() {
            return Set.of(header);
        }

        @Override
        public void filter(Round round) {
            var list = round.hint(header).split(",", MOST_NAMES + 1);
            var names = new HashSet<String>();
            for (int n = 0; n < Math.min(list.length, MOST_NAMES); n++) {
                names.add(list[n].strip());
            }
            round.keep(i -> {
                var address = round.endpoint(i).address();
                return names.contains(address.getAuthority()) || names.contains(address.getHost());
            });
        }
    }
}
