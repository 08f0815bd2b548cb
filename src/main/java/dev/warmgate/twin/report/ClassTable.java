package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The figures by priority and tenant as rows of words: a header, then each policy's classes. */
final class ClassTable {
    /** Which columns there are that not all runs need. */
    private record Columns(boolean refusals, boolean minutes) {}

    private ClassTable() {}

    /** Returns the rows by priority; none if no run has several. */
    static List<List<String>> byPriority(Comparison comparison) {
        return rows(comparison, "priority", ClassFigures.Both::byPriority);
    }

    /** Returns the rows by tenant; none if no run has several, or if there are too many to be read. */
    static List<List<String>> byTenant(Comparison comparison) {
        return rows(comparison, "tenant", ClassFigures.Both::shownTenants);
    }

    private static List<List<String>> rows(
            Comparison comparison, String kind, Function<ClassFigures.Both, List<ClassFigures>> which) {
        var columns = new Columns(
                comparison.figures().stream().anyMatch(f -> f.refusals() > 0 || f.notSent() > 0),
                comparison.classes().stream()
                        .flatMap(classes -> which.apply(classes).stream())
                        .anyMatch(one -> one.minutes().leastShare() >= 0));
        var rows = new ArrayList<List<String>>();
        for (int i = 0; i < comparison.classes().size(); i++) {
            var policy = comparison.figures().get(i).policy();
            for (var one : which.apply(comparison.classes().get(i))) {
                if (rows.isEmpty()) {
                    rows.add(header("policy, " + kind, columns));
                }
                rows.add(row(policy, one, columns));
            }
        }
        return rows;
    }

    private static List<String> header(String first, Columns columns) {
        var cells = new ArrayList<>(List.of(first, "requests", "completed"));
        if (columns.refusals) {
            cells.addAll(List.of("refused", "never sent"));
        }
        cells.addAll(List.of(
                "TTFT mean",
                "p99",
                "TPOT mean",
                "within target",
                "goodput",
                "output tokens",
                "from cache",
                "prefill",
                "decode",
                "GPU time"));
        if (columns.minutes) {
            cells.add("in a minute");
        }
        return cells;
    }

    private static List<String> row(String policy, ClassFigures one, Columns columns) {
        var figures = one.figures();
        var cells = new ArrayList<>(List.of(
                policy + ", " + one.name(), Format.count(figures.requests()), Format.count(figures.completed())));
        if (columns.refusals) {
            cells.addAll(List.of(Format.count(figures.refusals()), Format.count(figures.notSent())));
        }
        cells.addAll(List.of(
                Format.seconds(figures.ttft().mean()),
                Format.seconds(figures.ttft().p99()),
                Format.seconds(figures.tpot().mean()),
                Format.percent(figures.sloAttainment()),
                Format.perSecond(figures.goodput()),
                Format.perSecond(figures.outputTokensPerSecond()),
                Format.percent(figures.hitRatio()),
                Format.percent(one.prefillShare()),
                Format.percent(one.decodeShare()),
                Format.percent(one.gpuShare())));
        if (columns.minutes) {
            cells.add(Format.percent(one.minutes().leastShare()) + " to "
                    + Format.percent(one.minutes().mostShare()));
        }
        return cells;
    }
}
