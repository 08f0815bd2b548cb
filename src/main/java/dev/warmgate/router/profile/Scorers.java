package dev.warmgate.router.profile;

import java.util.Locale;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** Scorers at work. */
final class Scorers {
    private static final double ADAPTER_RUNS = 1;
    private static final double ADAPTER_FITS = 0.8;
    private static final double ADAPTER_WAITS = 0.6;

    private Scorers() {}

    static Step.Scoring start(Scorer scorer) {
        return switch (scorer) {
            case Scorer.Queue _ -> (round, scores) -> between(round, scores, round::waiting, false);
            case Scorer.RunningRequests _ -> (round, scores) -> between(round, scores, round::running, false);
            case Scorer.KvCacheUtilization _ -> (round, scores) -> each(round, scores, i -> 1 - round.kvUsage(i));
            case Scorer.LoadAware(int threshold) ->
                (round, scores) -> each(round, scores, i -> loadAware(round.waiting(i), threshold));
            case Scorer.PrefixCache prefix ->
                (round, scores) -> each(round, scores, i -> prefix(prefix, round, round.matchBlocks(i)));
            case Scorer.LoraAffinity _ -> (round, scores) -> each(round, scores, i -> adapter(round, i));
            case Scorer.ActiveRequests active -> (round, scores) -> active(active, round, scores);
            case Scorer.TokenLoad(long threshold) ->
                (round, scores) -> each(
                        round,
                        scores,
                        i -> 1
                                - (double) Math.min(round.tokensInFlight(i) + round.ownTokens(i), threshold)
                                        / threshold);
            case Scorer.NoHitLru(int size) -> new NoHits(size);
            case Scorer.HeaderLabel(var header, var label) -> new HeaderMatch(header.toLowerCase(Locale.ROOT), label);
            case Scorer.Attribute attribute -> (round, scores) -> attribute(attribute, round, scores);
            case ContextLength length ->
                (round, scores) -> each(
                        round,
                        scores,
                        i -> Lengths.of(length, round.endpoint(i)).score(round.promptTokens()));
            case SessionAffinity affinity -> Sessions.scoring(affinity);
        };
    }

    private static void each(Round round, double[] scores, IntToDoubleFunction score) {
        for (int k = 0; k < round.size(); k++) {
            scores[k] = score.applyAsDouble(round.left(k));
        }
    }

    /** Rates by where a value is between the least and the greatest; those of no value, NaN, get 0. */
    private static void between(Round round, double[] scores, IntToDoubleFunction value, boolean high) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < round.size(); k++) {
            double v = value.applyAsDouble(round.left(k));
            scores[k] = v;
            if (!Double.isNaN(v)) {
                least = Math.min(least, v);
                greatest = Math.max(greatest, v);
            }
        }
        for (int k = 0; k < round.size(); k++) {
            scores[k] = Double.isNaN(scores[k])
                    ? 0
                    : greatest == least ? 1 : (high ? scores[k] - least : greatest - scores[k]) / (greatest - least);
        }
    }

    private static double loadAware(int waiting, int threshold) {
        return 0.5 * (1 - (double) Math.min(waiting, threshold) / threshold);
    }

    private static double prefix(Scorer.PrefixCache prefix, Round round, int match) {
        if (round.totalBlocks() == 0) {
            return 0;
        }
        double length = Math.min(1, (double) match * round.blockTokens() / prefix.matchLengthScaleTokens());
        double weight = prefix.matchLengthWeight();
        return weight * length * length + (1 - weight) * match / round.totalBlocks();
    }

    private static double adapter(Round round, int i) {
        var load = round.load(i);
        if (load == null) {
            return 0;
        }
        var adapters = load.adapters();
        if (adapters.running().contains(round.model())) {
            return ADAPTER_RUNS;
        }
        if (adapters.running().size() + adapters.waiting().size() < adapters.most()) {
            return ADAPTER_FITS;
        }
        return adapters.waiting().contains(round.model()) ? ADAPTER_WAITS : 0;
    }

    private static void active(Scorer.ActiveRequests active, Round round, double[] scores) {
        double most = 0;
        for (int k = 0; k < round.size(); k++) {
            most = Math.max(most, round.endpoint(round.left(k)).inFlight());
        }
        double greatest = most;
        each(round, scores, i -> {
            int n = round.endpoint(i).inFlight();
            return n <= active.idleThreshold() ? 1 : (greatest - n) / greatest * active.maxBusyScore();
        });
    }

    private static void attribute(Scorer.Attribute scorer, Round round, double[] scores) {
        IntToDoubleFunction value = i -> {
            var load = round.load(i);
            return load == null ? Double.NaN : scorer.attribute().of(load);
        };
        switch (scorer.range()) {
            case Scorer.Range.Adaptive _ -> between(round, scores, value, scorer.higherIsBetter());
            case Scorer.Range.Fixed(double min, double max) ->
                each(round, scores, i -> {
                    double v = value.applyAsDouble(i);
                    double high = Math.clamp((v - min) / (max - min), 0, 1);
                    return Double.isNaN(v) ? 0 : scorer.higherIsBetter() ? high : 1 - high;
                });
        }
    }

    /** Those that have a label of a header's value. */
    private record HeaderMatch(String header, String label) implements Step.Scoring {
        @Override
        public Set<String> hints() {
            return Set.of(header);
        }

        @Override
        public void score(Round round, double[] scores) {
            var wanted = round.hint(header);
            each(
                    round,
                    scores,
                    i -> !wanted.isEmpty()
                                    && wanted.equals(
                                            round.endpoint(i).spec().labels().get(label))
                            ? 1
                            : 0);
        }
    }
}
