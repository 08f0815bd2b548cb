package dev.warmgate.app.epp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@code featureGates}: {@code name}, or {@code name=true} with any of Go's words for true and false. */
final class FeatureGates {
    /** The reference's gates, and whether they are on if nobody says. */
    private static final Map<String, Boolean> GATES =
            Map.of(Document.FLOW_CONTROL, false, "haPopulateNonLeaderDatastore", true);

    private static final String EXPECTED = "flowControl or haPopulateNonLeaderDatastore, alone or with =true or =false";
    private static final Set<String> TRUE = Set.of("true", "t", "1");
    private static final Set<String> FALSE = Set.of("false", "f", "0");

    private final Problems problems;

    FeatureGates(Problems problems) {
        this.problems = problems;
    }

    /** Returns the gates that are on. */
    Set<String> parse(StrictFields top) {
        var gates = new LinkedHashMap<>(GATES);
        List<Tree> items = top.items("featureGates", "gates");
        for (int i = 0; i < items.size(); i++) {
            if (!(items.get(i) instanceof Tree.Text text) || !set(gates, text.text())) {
                problems.add(
                        items.get(i).line(),
                        "featureGates[" + i + "]",
                        Kinds.shown(items.get(i)) + " (expected: " + EXPECTED + ")");
            }
        }
        return gates.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean set(Map<String, Boolean> gates, String entry) {
        int equals = entry.indexOf('=');
        String name = (equals < 0 ? entry : entry.substring(0, equals)).strip();
        String value = equals < 0 ? "true" : entry.substring(equals + 1).strip().toLowerCase(Locale.ROOT);
        if (!gates.containsKey(name) || !(TRUE.contains(value) || FALSE.contains(value))) {
            return false;
        }
        gates.put(name, TRUE.contains(value));
        return true;
    }
}
