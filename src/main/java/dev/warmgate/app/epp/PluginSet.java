package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.text.NearestName;
import dev.warmgate.app.text.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The plugins of a configuration by name, in the order of the file, those that defaults add at the end. Confined to one thread. */
final class PluginSet {
    private final Map<String, Plugin> plugins = new LinkedHashMap<>();
    private final Problems problems;

    PluginSet(Collection<Plugin> written, Problems problems) {
        this.problems = problems;
        written.forEach(plugin -> plugins.put(plugin.name(), plugin));
    }

    /** Returns all, in order. */
    List<Plugin> all() {
        return List.copyOf(plugins.values());
    }

    @Nullable
    Plugin get(String name) {
        return plugins.get(name);
    }

    /** Adds a plugin with the name of its type, unless there is one of that name. */
    void add(String type) {
        plugins.putIfAbsent(type, Plugin.added(type));
    }

    /** Returns the plugins of a role, in order. */
    List<Plugin> of(PluginRole role) {
        return plugins.values().stream().filter(plugin -> is(plugin, role)).toList();
    }

    /** Returns whether there is a plugin of a type. */
    boolean has(String type) {
        return plugins.values().stream().anyMatch(plugin -> plugin.type().equals(type));
    }

    static boolean is(Plugin plugin, PluginRole role) {
        var type = PluginTypes.named(plugin.type());
        return type != null && type.is(role);
    }

    /** Returns the plugin that a reference names, or null, which is reported. */
    @Nullable
    Plugin resolve(Document.Reference reference) {
        var plugin = plugins.get(reference.name());
        if (plugin == null) {
            problems.add(reference.line(), reference.path(), unknown(reference.name()));
        }
        return plugin;
    }

    private String unknown(String name, String... others) {
        var names = new LinkedHashSet<>(List.of(others));
        plugins.values().stream().filter(Plugin::written).map(Plugin::name).forEach(names::add);
        String nearest = NearestName.of(name, names);
        return Quoted.of(name) + " is not among plugins ("
                + (nearest != null
                        ? "did you mean " + nearest + "?"
                        : names.isEmpty()
                                ? "expected: plugins: [{type: …}]"
                                : "expected one of: " + String.join(", ", names))
                + ")";
    }

    /**
     * Checks a parameter that names the plugin which produces something; returns whether it is a good one.
     *
     * @param automatic the type that is made if nobody says anything
     * @param types the types that produce it
     */
    boolean producer(Parameters parameters, String name, String automatic, List<String> types) {
        String producer = parameters.text(name, "");
        if (producer.isEmpty()) {
            add(automatic);
            return true;
        }
        if (producer.equals(automatic)) {
            add(automatic);
        }
        var plugin = plugins.get(producer);
        if (plugin == null) {
            parameters.problem(name, unknown(producer, automatic));
            return false;
        }
        if (!types.contains(plugin.type())) {
            parameters.problem(
                    name,
                    Quoted.of(producer) + " is of type " + plugin.type() + " (expected: one of "
                            + String.join(", ", types) + ")");
            return false;
        }
        return true;
    }

    /** Returns what is made of parameters, or null if they are out of range, which is reported where they are. */
    static <T> @Nullable T attempt(Parameters parameters, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int colon = message.indexOf(": ");
            if (colon < 0) {
                throw e;
            }
            parameters.problem(message.substring(0, colon), message.substring(colon + 2));
            return null;
        }
    }

    /** Returns a list without what could not be made. */
    static <T> List<T> made(List<@Nullable T> perhaps) {
        var made = new ArrayList<T>();
        for (T value : perhaps) {
            if (value != null) {
                made.add(value);
            }
        }
        return made;
    }
}
