package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.epp.Document.Profile;
import dev.warmgate.app.epp.Document.Reference;
import dev.warmgate.app.epp.Document.Use;
import dev.warmgate.app.text.Quoted;
import java.util.ArrayList;
import java.util.List;

/**
 * What the reference adds to a document: a profile, a handler, pickers, policies, parsers, sources of data. Where it takes
 * the first of a Go map, the first of the file is taken here. Used once; confined to one thread.
 */
final class Defaults {
    private static final List<String> PARSERS =
            List.of("openai-parser", "anthropic-parser", "vllmhttp-parser", "passthrough-parser");
    private static final String DEFAULT_PROFILE = "default";

    private final Document document;
    private final PluginSet plugins;
    private final Problems problems;

    Defaults(Document document, PluginSet plugins, Problems problems) {
        this.document = document;
        this.plugins = plugins;
        this.problems = problems;
    }

    /** Adds plugins, and returns the profiles with what each of them needs. */
    List<Profile> apply() {
        var profiles = profiles();
        if (profiles.size() == 1 && plugins.of(PluginRole.HANDLER).isEmpty()) {
            plugins.add(PluginTypes.SINGLE_HANDLER);
        }
        var pickers = plugins.of(PluginRole.PICKER);
        if (pickers.isEmpty()) {
            plugins.add(PluginTypes.MAX_SCORE);
        }
        String picker =
                pickers.isEmpty() ? PluginTypes.MAX_SCORE : pickers.getFirst().name();
        plugins.add(PluginTypes.FCFS);
        plugins.add(PluginTypes.STRICT_FAIRNESS);
        plugins.add(PluginTypes.STATIC_LIMIT);
        parsers();
        saturation();
        dataLayer();
        return profiles.stream().map(profile -> withPicker(profile, picker)).toList();
    }

    private List<Profile> profiles() {
        if (!document.profiles().isEmpty()) {
            return document.profiles();
        }
        var uses = new ArrayList<Use>();
        for (var plugin : plugins.all()) {
            if (PluginSet.is(plugin, PluginRole.FILTER)
                    || PluginSet.is(plugin, PluginRole.SCORER)
                    || PluginSet.is(plugin, PluginRole.PICKER)) {
                uses.add(new Use(new Reference(plugin.name(), plugin.line(), plugin.path()), 1));
            }
        }
        return List.of(new Profile(DEFAULT_PROFILE, uses, 0, "schedulingProfiles"));
    }

    private Profile withPicker(Profile profile, String picker) {
        for (var use : profile.plugins()) {
            var plugin = plugins.get(use.plugin().name());
            if (plugin != null && PluginSet.is(plugin, PluginRole.PICKER)) {
                return profile;
            }
        }
        var uses = new ArrayList<>(profile.plugins());
        uses.add(new Use(new Reference(picker, profile.line(), profile.path()), 1));
        return new Profile(profile.name(), uses, profile.line(), profile.path());
    }

    /** A parser that is not among the plugins is named by its type. */
    private void parsers() {
        if (document.parsers().isEmpty()) {
            PARSERS.forEach(plugins::add);
        }
        for (var reference : document.parsers()) {
            var type = PluginTypes.named(reference.name());
            if (plugins.get(reference.name()) == null && type != null && type.is(PluginRole.PARSER)) {
                plugins.add(reference.name());
            }
            check(reference, PluginRole.PARSER, "a parser");
        }
    }

    private void saturation() {
        var detector = document.saturationDetector();
        if (detector == null || detector.name().equals(PluginTypes.UTILIZATION)) {
            plugins.add(PluginTypes.UTILIZATION);
        }
        if (detector != null) {
            check(detector, PluginRole.DETECTOR, "a saturation detector");
        }
    }

    private void dataLayer() {
        var layer = document.dataLayer();
        boolean named = false;
        if (layer != null) {
            for (var source : layer.sources()) {
                named |= source.plugin().name().equals(PluginTypes.METRICS_SOURCE);
                check(source.plugin(), PluginRole.SOURCE, "a source of data");
                source.extractors().forEach(plugins::resolve);
            }
        }
        if (!named && (layer == null || layer.injectDefaults())) {
            plugins.add(PluginTypes.METRICS_SOURCE);
            plugins.add(PluginTypes.CORE_METRICS);
        }
    }

    private void check(Reference reference, PluginRole role, String expected) {
        Plugin plugin = plugins.resolve(reference);
        if (plugin != null && PluginTypes.named(plugin.type()) != null && !PluginSet.is(plugin, role)) {
            problems.add(
                    reference.line(),
                    reference.path(),
                    Quoted.of(reference.name()) + " is of type " + plugin.type() + " (expected: " + expected + ")");
        }
    }
}
