package dev.warmgate.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells in words what differs between two texts of a configuration. Elements of lists are known by their name, URL, model
 * or priority, so that one taken out of the middle does not change all that follow. Values that may be secret are not
 * shown, and neither is what comes from the environment.
 */
final class ConfigDiff {
    private static final List<String> IDENTITIES = List.of("name", "url", "model", "path", "priority");
    private static final Map<String, Setting<?>> SETTINGS =
            Settings.ALL.stream().collect(Collectors.toMap(Setting::path, Function.identity()));

    /** A value: its key in the documentation, and its text. */
    private record Value(String setting, String text) {
        String shown() {
            var known = SETTINGS.get(setting);
            return known == null || known.type().secret() ? "(hidden)" : text.isEmpty() ? "empty" : text;
        }

        boolean secret() {
            var known = SETTINGS.get(setting);
            return known == null || known.type().secret();
        }
    }

    private final Map<String, Value> values = new LinkedHashMap<>();

    private ConfigDiff() {}

    /** Returns one line for each difference; none if there is only another layout. */
    static List<String> between(String file, String before, String after) {
        var old = flat(file, before);
        var now = flat(file, after);
        var lines = new ArrayList<String>();
        var paths = new LinkedHashSet<>(old.keySet());
        paths.addAll(now.keySet());
        for (String path : paths) {
            var from = old.get(path);
            var to = now.get(path);
            if (from == null && to != null) {
                lines.add(path + ": " + to.shown() + " (new)");
            } else if (from != null && to == null) {
                lines.add(path + ": " + from.shown() + " (removed)");
            } else if (from != null && to != null && !from.text().equals(to.text())) {
                lines.add(path + ": " + (to.secret() ? "changed" : from.shown() + " → " + to.shown()));
            }
        }
        return lines;
    }

    private static Map<String, Value> flat(String file, String text) {
        var diff = new ConfigDiff();
        var tree = new YamlReader(file, new Problems()).read(text);
        if (tree != null) {
            diff.add(tree, "", "");
        }
        return diff.values;
    }

    private void add(Node node, String path, String setting) {
        switch (node) {
            case Node.Scalar scalar -> values.put(path, new Value(setting, scalar.text()));
            case Node.Mapping mapping ->
                mapping.entries()
                        .forEach((key, entry) ->
                                add(entry.value(), below(path, key), below(setting, key(setting, key))));
            case Node.Sequence sequence -> addItems(sequence, path, setting + "[]");
        }
    }

    private void addItems(Node.Sequence sequence, String path, String setting) {
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            var item = sequence.items().get(i);
            // An endpoint that is a URL alone means the key url.
            boolean bareUrl = item instanceof Node.Scalar
                    && setting.equals(Settings.URL.path().replace(".url", ""));
            String own = bareUrl ? setting + ".url" : setting;
            String identity = identity(item, own);
            String label = identity.isEmpty() || !seen.add(identity) ? Integer.toString(i) : identity;
            add(item, path + "[" + label + "]", own);
        }
    }

    private static String identity(Node item, String setting) {
        return switch (item) {
            case Node.Scalar scalar -> new Value(setting, "").secret() ? "" : scalar.text();
            case Node.Mapping mapping ->
                IDENTITIES.stream()
                        .map(key -> mapping.entries().get(key))
                        .filter(entry -> entry != null && entry.value() instanceof Node.Scalar)
                        .map(entry -> ((Node.Scalar) entry.value()).text())
                        .findFirst()
                        .orElse("");
            case Node.Sequence _ -> "";
        };
    }

    /** Free names are all the same setting. */
    private static String key(String setting, String key) {
        return Settings.keysBelow(setting).contains(Settings.ANY) ? Settings.ANY : key;
    }

    private static String below(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
