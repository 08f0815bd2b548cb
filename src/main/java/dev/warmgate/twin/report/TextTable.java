package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;

/** The comparison as a table in plain text: a row per figure, a column per policy. */
public final class TextTable {
    private static final String GAP = "   ";

    private TextTable() {}

    /** Returns the table's lines and, after it, what it says in words. */
    public static List<String> lines(Comparison comparison) {
        var rows = new ArrayList<Comparison.Row>();
        rows.add(new Comparison.Row(
                "", comparison.figures().stream().map(Figures::policy).toList()));
        rows.addAll(comparison.rows());

        int label = rows.stream().mapToInt(r -> r.label().length()).max().orElse(0);
        var widths = new int[comparison.figures().size()];
        for (var row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.cells().get(i).length());
            }
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder(row.label())
                    .repeat(' ', label - row.label().length());
            for (int i = 0; i < widths.length; i++) {
                var cell = row.cells().get(i);
                line.append(GAP).repeat(' ', widths[i] - cell.length()).append(cell);
            }
            lines.add(line.toString());
        }
        lines.add("");
        lines.addAll(comparison.verdicts());
        lines.addAll(comparison.failures());
        return lines;
    }
}
