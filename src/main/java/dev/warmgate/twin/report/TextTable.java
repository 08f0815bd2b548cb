package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The comparison as a table in plain text: a row per figure, a column per policy. */
public final class TextTable {
    private static final String GAP = "   ";

    private TextTable() {}

    /** Returns the table's lines, those of the classes and stages, what it all says in words, and explained requests. */
    public static List<String> lines(Comparison comparison) {
        var rows = new ArrayList<List<String>>();
        rows.add(row("", comparison.figures().stream().map(Figures::policy).toList()));
        comparison.rows().forEach(row -> rows.add(row(row.label(), row.cells())));
        var lines = new ArrayList<>(aligned(rows));
        for (var classes : List.of(ClassTable.byPriority(comparison), ClassTable.byTenant(comparison))) {
            if (!classes.isEmpty()) {
                lines.add("");
                lines.addAll(aligned(classes));
            }
        }
        for (int i = 0; i < comparison.stages().size(); i++) {
            var stages = comparison.stages().get(i);
            if (!stages.isEmpty()) {
                lines.add("");
                lines.addAll(stages(comparison.figures().get(i).policy(), stages));
            }
        }
        var words = new ArrayList<>(comparison.verdicts());
        words.addAll(comparison.failures());
        words.addAll(comparison.refusals());
        if (!words.isEmpty()) {
            lines.add("");
            lines.addAll(words);
        }
        lines.addAll(ExplanationTable.lines(comparison));
        return lines;
    }

    private static List<String> stages(String policy, List<StageFigures> stages) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(
                policy + ", stage",
                "sent",
                "requests",
                "TTFT mean",
                "p90",
                "p99",
                "TPOT mean",
                "within target",
                "goodput"));
        for (var stage : stages) {
            var figures = stage.figures();
            rows.add(List.of(
                    Integer.toString(stage.stage() + 1),
                    Format.perSecond(stage.rate()),
                    Format.count(figures.requests()),
                    Format.seconds(figures.ttft().mean()),
                    Format.seconds(figures.ttft().p90()),
                    Format.seconds(figures.ttft().p99()),
                    Format.seconds(figures.tpot().mean()),
                    Format.percent(figures.sloAttainment()),
                    Format.perSecond(figures.goodput())));
        }
        return aligned(rows);
    }

    private static List<String> row(String label, List<String> cells) {
        var row = new ArrayList<String>();
        row.add(label);
        row.addAll(cells);
        return row;
    }

    /** Returns the rows as lines: the first column to the left, the others to the right. */
    static List<String> aligned(List<List<String>> rows) {
        int[] widths = IntStream.range(0, rows.getFirst().size())
                .map(i ->
                        rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
                .toArray();
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder(row.getFirst())
                    .repeat(' ', widths[0] - row.getFirst().length());
            for (int i = 1; i < widths.length; i++) {
                line.append(GAP).repeat(' ', widths[i] - row.get(i).length()).append(row.get(i));
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
