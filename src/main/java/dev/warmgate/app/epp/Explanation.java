package dev.warmgate.app.epp;

import dev.warmgate.app.epp.EndpointPickerConfig.Row;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.Scorer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes what became of a file as a table and a few lines. */
final class Explanation {
    private static final String GAP = "  ";

    private Explanation() {}

    static List<String> of(EndpointPickerConfig config) {
        var lines = new ArrayList<String>();
        long added = config.plugins().stream().filter(row -> !row.written()).count();
        lines.add(config.file() + ": OK: " + count(config.plugins().size() - added, "plugin") + ", " + added
                + " more by default, " + count(config.chain().profiles().size(), "profile"));
        lines.add("");
        table(
                config.plugins().stream()
                        .filter(row -> row.written() || takesPart(row))
                        .toList(),
                lines);
        String idle = config.plugins().stream()
                .filter(row -> !row.written() && !takesPart(row))
                .map(Row::name)
                .collect(Collectors.joining(", "));
        if (!idle.isEmpty()) {
            lines.add("Added by default, and nothing here: " + idle);
        }
        lines.add("");
        lines.add("Handler: "
                + switch (config.chain().handler()) {
                    case ProfileHandler.Single() -> "the only profile";
                    case ProfileHandler.ByHeader(String header, String profile) ->
                        "the profile that the header " + header + " names, " + profile + " without it";
                });
        config.chain().profiles().forEach(profile -> lines.addAll(profile(profile)));
        lines.add("Waiting: " + waiting(config));
        config.warnings().forEach(warning -> lines.add("Note: " + warning));
        return lines;
    }

    private static boolean takesPart(Row row) {
        return !row.becomes().equals(Rows.NOTHING);
    }

    private static void table(List<Row> rows, List<String> lines) {
        var cells = new ArrayList<List<String>>();
        cells.add(List.of("NAME", "TYPE", "BECOMES", "PARAMETERS"));
        for (var row : rows) {
            cells.add(List.of(
                    row.written() ? row.name() : row.name() + " (added)",
                    row.type(),
                    row.becomes(),
                    row.parameters().isEmpty() ? "-" : row.parameters()));
        }
        int columns = cells.getFirst().size();
        int[] widths = new int[columns];
        cells.forEach(line -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        for (int i = 0; i < cells.size(); i++) {
            var line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String cell = cells.get(i).get(c);
                line.append(cell);
                if (c < columns - 1) {
                    line.append(" ".repeat(widths[c] - cell.length())).append(GAP);
                }
            }
            lines.add(line.toString());
            if (i > 0) {
                rows.get(i - 1).notes().forEach(note -> lines.add("    " + note));
            }
        }
    }

    private static List<String> profile(SchedulingProfile profile) {
        return List.of(
                "Profile " + profile.name() + ":",
                "  filters: "
                        + (profile.filters().isEmpty()
                                ? "none"
                                : profile.filters().stream()
                                        .map(Filter.Named::name)
                                        .collect(Collectors.joining(", "))),
                "  scores: "
                        + (profile.scorers().isEmpty()
                                ? "none"
                                : profile.scorers().stream()
                                        .map(Explanation::weighted)
                                        .collect(Collectors.joining(" + "))),
                "  picker: "
                        + switch (profile.picker().rule()) {
                            case MAX_SCORE -> "the highest score, any of several";
                            case RANDOM -> "any";
                            case WEIGHTED_RANDOM -> "any, in proportion to the scores";
                        });
    }

    private static String weighted(Scorer.Weighted scorer) {
        return new BigDecimal(String.valueOf(scorer.weight()))
                        .stripTrailingZeros()
                        .toPlainString() + " × " + scorer.name();
    }

    private static String waiting(EndpointPickerConfig config) {
        var admission = config.admission();
        if (admission == null) {
            return "as admission says; the reference never waits without the feature gate flowControl";
        }
        return "admission: {maxWait: " + GoDurations.write(admission.maxWait()) + ", maxRequests: "
                + admission.maxRequests() + ", maxBytes: " + admission.maxBytes() + ", bands: ["
                + admission.bands().stream()
                        .map(band -> "{priority: " + band.priority() + ", minShare: 0, maxRequests: "
                                + band.maxRequests() + ", maxBytes: " + band.maxBytes() + "}")
                        .collect(Collectors.joining(", "))
                + "]}"
                + (config.maxInFlight() == null ? "" : ", pools[].maxInFlight: " + config.maxInFlight());
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
