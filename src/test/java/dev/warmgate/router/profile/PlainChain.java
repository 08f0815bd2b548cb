package dev.warmgate.router.profile;

import dev.warmgate.router.EngineLoad;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The formulas of the reference once more, as plainly as can be, over facts of endpoints that were noted before. */
final class PlainChain {
    private PlainChain() {}

    /** An endpoint as it is when a request comes. */
    record Facts(
            String name,
            Map<String, String> labels,
            @Nullable EngineLoad load,
            int inFlight,
            long tokens,
            int cached) {
        double waiting() {
            return load == null ? 0 : load.waiting();
        }

        double running() {
            return load == null ? 0 : load.running();
        }

        double kv() {
            return load == null || Double.isNaN(load.kvUsage()) ? 0 : load.kvUsage();
        }

        /** Whole blocks of 64, or all blocks of a prompt that is held to its end. */
        int match(int promptTokens) {
            return cached == promptTokens ? blocks(promptTokens) : cached / 64;
        }
    }

    static int blocks(int promptTokens) {
        return (promptTokens + 63) / 64;
    }

    static List<Facts> filter(Filter filter, List<Facts> all, int promptTokens) {
        var left = new ArrayList<Facts>();
        for (var facts : all) {
            boolean keep = switch (filter) {
                case Filter.Label label -> {
                    var value = facts.labels.get(label.label());
                    yield value == null
                            ? label.allowsNoLabel()
                            : label.validValues().contains(value);
                }
                case ConcurrencyDetector detector -> facts.inFlight < detector.maxConcurrency();
                case Filter.Utilization utilization -> {
                    boolean below = true;
                    for (var condition : utilization.conditions()) {
                        double value = switch (condition.metric()) {
                            case ACTIVE_REQUESTS -> facts.inFlight;
                            case RUNNING_REQUESTS -> facts.running();
                            case WAITING_QUEUE -> facts.waiting();
                            case KV_CACHE_UTILIZATION -> facts.kv();
                        };
                        below &= value <= condition.maxValue();
                    }
                    yield below;
                }
                case Filter.PrefixAffinity affinity -> {
                    double share = share(facts, promptTokens);
                    yield share >= affinity.affinityThreshold();
                }
                default -> throw new AssertionError(filter);
            };
            if (keep) {
                left.add(facts);
            }
        }
        return switch (filter) {
            case Filter.Utilization utilization when utilization.fallbackOnEmpty() && left.isEmpty() -> all;
            case Filter.PrefixAffinity affinity -> affinity(affinity, all, left);
            default -> left;
        };
    }

    private static List<Facts> affinity(Filter.PrefixAffinity filter, List<Facts> all, List<Facts> sticky) {
        if (all.size() <= 1 || filter.affinityThreshold() <= 0 || sticky.isEmpty()) {
            return all;
        }
        var others = new ArrayList<>(all);
        others.removeAll(sticky);
        if (filter.maxTtftPenaltyMs() > 0 && !others.isEmpty()) {
            double penalty = least(sticky, filter) - least(others, filter);
            if (penalty > filter.maxTtftPenaltyMs()) {
                return all;
            }
        }
        return sticky;
    }

    private static double least(List<Facts> some, Filter.PrefixAffinity filter) {
        return some.stream()
                .mapToDouble(facts -> facts.tokens / filter.peakPrefillThroughput() * 1000)
                .min()
                .orElseThrow();
    }

    private static double share(Facts facts, int promptTokens) {
        return promptTokens == 0 ? 0 : facts.match(promptTokens) / (double) blocks(promptTokens);
    }

    /** The sums of scores, by name. */
    static Map<String, Double> totals(List<Scorer.Weighted> scorers, List<Facts> left, int promptTokens) {
        var totals = new LinkedHashMap<String, Double>();
        for (var facts : left) {
            double total = 0;
            for (var scorer : scorers) {
                double score = score(scorer.scorer(), facts, left, promptTokens);
                total += scorer.weight() * (score < 0 ? 0 : score > 1 ? 1 : score);
            }
            totals.put(facts.name, total);
        }
        return totals;
    }

    private static double score(Scorer scorer, Facts facts, List<Facts> left, int promptTokens) {
        return switch (scorer) {
            case Scorer.Queue _ -> {
                double most = left.stream().mapToDouble(Facts::waiting).max().orElseThrow();
                double least = left.stream().mapToDouble(Facts::waiting).min().orElseThrow();
                yield most == least ? 1 : (most - facts.waiting()) / (most - least);
            }
            case Scorer.RunningRequests _ -> {
                double most = left.stream().mapToDouble(Facts::running).max().orElseThrow();
                double least = left.stream().mapToDouble(Facts::running).min().orElseThrow();
                yield most == least ? 1 : (most - facts.running()) / (most - least);
            }
            case Scorer.KvCacheUtilization _ -> 1 - facts.kv();
            case Scorer.LoadAware(int t) -> facts.waiting() == 0 ? 0.5 : 0.5 * (1 - Math.min(facts.waiting(), t) / t);
            case Scorer.PrefixCache prefix -> {
                if (promptTokens == 0) {
                    yield 0;
                }
                double w = prefix.matchLengthWeight();
                double length = Math.min(1, facts.match(promptTokens) * 64.0 / prefix.matchLengthScaleTokens());
                yield w * Math.pow(length, 2) + (1 - w) * share(facts, promptTokens);
            }
            case Scorer.ActiveRequests active -> {
                double most = left.stream().mapToDouble(Facts::inFlight).max().orElseThrow();
                yield facts.inFlight <= active.idleThreshold()
                        ? 1
                        : (most - facts.inFlight) / most * active.maxBusyScore();
            }
            case Scorer.TokenLoad(long t) -> {
                int total = blocks(promptTokens);
                double tokens = facts.tokens + (total - facts.match(promptTokens)) * 64.0;
                yield tokens <= 0 ? 1 : 1 - Math.min(tokens, (double) t) / (double) t;
            }
            default -> throw new AssertionError(scorer);
        };
    }
}
