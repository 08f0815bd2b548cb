package dev.warmgate.twin.report;

import dev.warmgate.router.policy.Policies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The runs of several policies under the same offered load.
 *
 * @param facts what was run
 * @param runs in the order they ran; not empty
 * @param figures of each run, in the same order
 */
public record Comparison(RunFacts facts, List<PolicyRun> runs, List<Figures> figures) {
    public Comparison {
        runs = List.copyOf(runs);
        figures = List.copyOf(figures);
    }

    /** Returns the comparison of {@code runs} against {@code target}. */
    public static Comparison of(RunFacts facts, List<PolicyRun> runs, LatencyTarget target) {
        return new Comparison(
                facts, runs, runs.stream().map(run -> Figures.of(run, target)).toList());
    }

    /** Returns how many times lower warm's mean TTFT is than each other policy's, in words; empty without a pair. */
    public List<String> verdicts() {
        var lines = new ArrayList<String>();
        figures.stream()
                .filter(f -> f.policy().equals(Policies.WARM))
                .findFirst()
                .ifPresent(warm -> {
                    for (var other : figures) {
                        if (!other.policy().equals(Policies.WARM) && warm.ttft().mean() > 0) {
                            double ratio = other.ttft().mean() / warm.ttft().mean();
                            lines.add(
                                    ratio >= 1
                                            ? "warm's mean TTFT is " + Format.times(ratio) + " times lower than "
                                                    + other.policy() + "'s"
                                            : "warm's mean TTFT is " + Format.times(1 / ratio) + " times higher than "
                                                    + other.policy() + "'s");
                        }
                    }
                });
        return lines;
    }

    /** Returns what failed, in words, one line per policy with failures. */
    public List<String> failures() {
        return figures.stream()
                .filter(f -> !f.failures().isEmpty())
                .map(f -> f.policy() + ": " + (f.requests() - f.completed()) + " requests failed ("
                        + f.failures().entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(e -> e.getKey() + ": " + e.getValue())
                                .collect(Collectors.joining(", "))
                        + ")")
                .toList();
    }

    /** Returns the table's rows: a label and one cell per policy. */
    List<Row> rows() {
        return List.of(
                row("requests", f -> Format.count(f.requests())),
                row("completed", f -> Format.count(f.completed())),
                row("TTFT mean", f -> Format.seconds(f.ttft().mean())),
                row("TTFT p50", f -> Format.seconds(f.ttft().p50())),
                row("TTFT p90", f -> Format.seconds(f.ttft().p90())),
                row("TTFT p99", f -> Format.seconds(f.ttft().p99())),
                row("ITL mean", f -> Format.seconds(f.itl().mean())),
                row("ITL p50", f -> Format.seconds(f.itl().p50())),
                row("ITL p90", f -> Format.seconds(f.itl().p90())),
                row("ITL p99", f -> Format.seconds(f.itl().p99())),
                row("output tokens", f -> Format.perSecond(f.outputTokensPerSecond())),
                row("prompt tokens from cache", f -> Format.percent(f.hitRatio())),
                row("requests within target", f -> Format.percent(f.sloAttainment())),
                row("goodput (within target)", f -> Format.perSecond(f.goodput())),
                row("time until all answered", f -> Format.seconds(f.seconds())));
    }

    private Row row(String label, Function<Figures, String> cell) {
        return new Row(label, figures.stream().map(cell).toList());
    }

    record Row(String label, List<String> cells) {}
}
