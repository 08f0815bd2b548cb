package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;

/** The figures by priority and tenant as rows of words: a header, then a row per class. */
final class ClassTable {
    private ClassTable() {}

    /**
     * Returns the rows of one policy.
     *
     * @param kind what the classes are, in one word
     */
    static List<List<String>> rows(String policy, String kind, List<ClassFigures> classes) {
        boolean refusals = classes.stream()
                .anyMatch(one -> one.figures().refusals() > 0 || one.figures().notSent() > 0);
        var rows = new ArrayList<List<String>>();
        rows.add(header(policy + ", " + kind, refusals));
        classes.forEach(one -> rows.add(row(one, refusals)));
        return rows;
    }

    private static List<String> header(String first, boolean refusals) {
        var cells = new ArrayList<>(List.of(first, "requests", "completed"));
        if (refusals) {
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
                "prefill share",
                "decode share"));
        return cells;
    }

    private static List<String> row(ClassFigures one, boolean refusals) {
        var figures = one.figures();
        var cells = new ArrayList<>(
                List.of(one.name(), Format.count(figures.requests()), Format.count(figures.completed())));
        if (refusals) {
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
                Format.percent(one.decodeShare())));
        return cells;
    }
}
