package dev.warmgate.twin.report;

import dev.warmgate.router.policy.Policies;
import dev.warmgate.twin.workload.Plan;
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
 * @param stages of each run, in the same order; empty lists where the load has one stage
 * @param classes of each run, in the same order; empty lists where all requests are of one class
 */
public record Comparison(
        RunFacts facts,
        List<PolicyRun> runs,
        List<Figures> figures,
        List<List<StageFigures>> stages,
        List<ClassFigures.Both> classes) {
    public Comparison {
        classes = List.copyOf(classes);
        runs = List.copyOf(runs);
        figures = List.copyOf(figures);
        stages = List.copyOf(stages);
    }

    /** Returns the comparison of {@code runs} against {@code target}. */
    public static Comparison of(RunFacts facts, List<PolicyRun> runs, LatencyTarget target) {
        return new Comparison(
                facts,
                runs,
                runs.stream().map(run -> Figures.of(run, target)).toList(),
                runs.stream().map(_ -> List.<StageFigures>of()).toList(),
                runs.stream().map(run -> ClassFigures.of(run, target)).toList());
    }

    /** Returns the comparison of {@code runs} of {@code plan}, stage by stage too; outcomes are in the plan's order. */
    public static Comparison of(RunFacts facts, Plan plan, List<PolicyRun> runs, LatencyTarget target) {
        return new Comparison(
                facts,
                runs,
                runs.stream().map(run -> Figures.of(run, target)).toList(),
                runs.stream().map(run -> StageFigures.of(plan, run, target)).toList(),
                runs.stream().map(run -> ClassFigures.of(run, target)).toList());
    }

    /** Returns how many times lower warm's mean TTFT is than each other policy's, in words; empty without a pair. */
    public List<String> verdicts() {
        var lines = new ArrayList<String>();
        figures.stream()
                .filter(f -> f.policy().equals(Policies.WARM))
                .findFirst()
                .ifPresent(warm -> {
                    for (var other : figures) {
                        if (!other.policy().equals(Policies.WARM)
                                && warm.ttft().mean() > 0
                                && other.ttft().mean() > 0) {
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
                .map(f -> f.policy() + ": " + f.breakages() + " requests failed (" + reasons(f.failures()) + ")")
                .toList();
    }

    /** Returns what was refused, in words, one line per policy with refusals. */
    public List<String> refusals() {
        return figures.stream()
                .filter(f -> !f.refused().isEmpty())
                .map(f -> f.policy() + ": " + Format.count(f.refusals()) + " requests refused (" + reasons(f.refused())
                        + ")"
                        + (f.notSent() == 0
                                ? ""
                                : ", so " + Format.count(f.notSent()) + " that would have followed were never sent"))
                .toList();
    }

    private static String reasons(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> e.getKey() + ": " + e.getValue())
                .collect(Collectors.joining(", "));
    }

    /** Returns the table's rows: a label and one cell per policy; none of what nobody can know. */
    List<Row> rows() {
        var rows = new ArrayList<Row>();
        add(rows, "requests", f -> Format.count(f.requests()));
        add(rows, "completed", f -> Format.count(f.completed()));
        if (figures.stream().anyMatch(f -> !f.refused().isEmpty())) {
            add(rows, "refused", f -> Format.count(f.refusals()));
        }
        if (figures.stream().anyMatch(f -> f.notSent() > 0)) {
            add(rows, "never sent, after a refusal", f -> Format.count(f.notSent()));
        }
        add(rows, "TTFT mean", f -> Format.seconds(f.ttft().mean()));
        add(rows, "TTFT p50", f -> Format.seconds(f.ttft().p50()));
        add(rows, "TTFT p90", f -> Format.seconds(f.ttft().p90()));
        add(rows, "TTFT p99", f -> Format.seconds(f.ttft().p99()));
        add(rows, "TPOT mean", f -> Format.seconds(f.tpot().mean()));
        add(rows, "TPOT p90", f -> Format.seconds(f.tpot().p90()));
        if (figures.stream().anyMatch(f -> !f.itl().equals(f.tpot()))) {
            // Where nobody saw single tokens, the means of whole answers stand for them and are said once.
            add(rows, "ITL mean", f -> Format.seconds(f.itl().mean()));
            add(rows, "ITL p99", f -> Format.seconds(f.itl().p99()));
        }
        add(rows, "E2E mean", f -> Format.seconds(f.e2e().mean()));
        add(rows, "E2E p90", f -> Format.seconds(f.e2e().p90()));
        add(rows, "output tokens", f -> Format.perSecond(f.outputTokensPerSecond()));
        add(rows, "prompt tokens from cache", f -> Format.percent(f.hitRatio()));
        add(rows, "requests within target", f -> Format.percent(f.sloAttainment()));
        add(rows, "goodput (within target)", f -> Format.perSecond(f.goodput()));
        if (figures.stream().anyMatch(f -> f.preemptions() >= 0)) {
            add(rows, "preemptions", f -> Format.count(f.preemptions()));
        }
        if (figures.stream().anyMatch(f -> !Double.isNaN(f.imbalance()))) {
            add(rows, "imbalance of computed tokens", f -> Format.digits(f.imbalance()));
        }
        add(rows, "time until all sent", f -> Format.seconds(f.offeredSeconds()));
        add(rows, "time until all answered", f -> Format.seconds(f.seconds()));
        return rows;
    }

    private void add(List<Row> rows, String label, Function<Figures, String> cell) {
        rows.add(new Row(label, figures.stream().map(cell).toList()));
    }

    record Row(String label, List<String> cells) {}
}
