package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.epp.EndpointPickerConfig.Row;
import dev.warmgate.app.epp.Made.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Says in words what became of plugins. */
final class Rows {
    private static final Pattern DURATION = Pattern.compile("PT[0-9.HMS]+");
    static final String NOTHING = "nothing";

    private static final String NO_LIMIT = String.valueOf(Long.MAX_VALUE);

    private Rows() {}

    /**
     * Returns a row for each plugin.
     *
     * @param used the names of those that profiles name
     * @param limit the name of the one that limits requests in flight, or empty
     */
    static List<Row> of(List<Plugin> plugins, Map<String, Made> made, Set<String> used, String limit) {
        var rows = new ArrayList<Row>();
        for (var plugin : plugins) {
            var result = made.getOrDefault(plugin.name(), Made.NOTHING);
            boolean limits = plugin.name().equals(limit);
            if (!limits
                    && !used.contains(plugin.name())
                    && result.parts().stream().anyMatch(Rows::wantsProfile)) {
                result = Made.idle("in no profile");
            }
            var becomes = new LinkedHashSet<String>();
            var parameters = new LinkedHashSet<String>();
            for (var part : result.parts()) {
                if (used.contains(plugin.name()) || !wantsProfile(part)) {
                    becomes.add(kind(part));
                }
                if (limits) {
                    becomes.add("limit of requests in flight");
                }
                parameters.add(parameters(value(part).toString()));
            }
            parameters.remove("");
            rows.add(new Row(
                    plugin.name(),
                    plugin.type(),
                    becomes.isEmpty() ? NOTHING : String.join(", ", becomes),
                    String.join("; ", parameters),
                    plugin.written(),
                    result.notes()));
        }
        return rows;
    }

    private static boolean wantsProfile(Part part) {
        return part instanceof Part.OfFilter || part instanceof Part.OfScorer || part instanceof Part.OfPicker;
    }

    private static String kind(Part part) {
        return switch (part) {
            case Part.OfFilter _ -> "filter";
            case Part.OfScorer _ -> "scorer";
            case Part.OfPicker _ -> "picker";
            case Part.OfHandler _ -> "profile handler";
            case Part.OfPrefix _ -> "prefix matches";
            case Part.OfLoad _ -> "load in flight";
            case Part.OfSession _ -> "session names";
        };
    }

    private static Object value(Part part) {
        return switch (part) {
            case Part.OfFilter(var filter) -> filter;
            case Part.OfScorer(var scorer) -> scorer;
            case Part.OfPicker(var picker) -> picker;
            case Part.OfHandler(var handler) -> handler;
            case Part.OfPrefix(var prefix) -> prefix;
            case Part.OfLoad(var load) -> load;
            case Part.OfSession(var source) -> source;
        };
    }

    /** Returns the parameters in a record's words, with the names and durations of the file. */
    private static String parameters(String words) {
        int open = words.indexOf('[');
        if (open < 0) {
            return "";
        }
        String inside = words.substring(open + 1, words.length() - 1)
                .replace(NO_LIMIT, "no limit")
                .replace("maxTtftPenaltyMs", "maxTTFTPenaltyMs");
        return DURATION.matcher(inside).replaceAll(found -> GoDurations.write(Duration.parse(found.group())));
    }
}
