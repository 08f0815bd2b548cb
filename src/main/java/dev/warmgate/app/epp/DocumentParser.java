package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.DataLayer;
import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.epp.Document.Profile;
import dev.warmgate.app.epp.Document.Reference;
import dev.warmgate.app.epp.Document.Source;
import dev.warmgate.app.epp.Document.Use;
import dev.warmgate.app.text.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the document's own fields. Used once; confined to one thread. */
final class DocumentParser {
    static final String REFERENCE = "the name of a plugin";

    private static final String VERSION = "llm-d.ai/v1alpha1";
    private static final List<String> VERSIONS =
            List.of(VERSION, "llm-d.ai/v1", "inference.networking.x-k8s.io/v1alpha1");
    private static final String KIND = "EndpointPickerConfig";
    private static final List<String> FIELDS = List.of(
            "apiVersion",
            "kind",
            "featureGates",
            "plugins",
            "schedulingProfiles",
            "dataLayer",
            "flowControl",
            "requestHandler",
            "saturationDetector",
            "parser");
    private static final List<String> PLUGIN_REF = List.of("pluginRef");

    private final Problems problems;

    DocumentParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns the document; meaningless if there are problems afterwards. */
    Document parse(Tree tree) {
        var top = new StrictFields(tree, "", FIELDS, problems);
        if (tree instanceof Tree.Fields) {
            one(top, "apiVersion", VERSIONS, VERSION);
            one(top, "kind", List.of(KIND), KIND);
        }
        var gates = new FeatureGates(problems).parse(top);
        var flowControl = top.object("flowControl", FlowControlParser.FIELDS);
        var parsers = new ArrayList<Reference>();
        var handler = top.object("requestHandler", List.of("parsers"));
        if (handler != null) {
            handler.objects("parsers", PLUGIN_REF).forEach(entry -> add(parsers, entry));
        }
        var parser = reference(top.object("parser", PLUGIN_REF));
        if (parsers.isEmpty() && parser != null) {
            parsers.add(parser);
        }
        var detector = reference(top.object("saturationDetector", PLUGIN_REF));
        var detectorInside =
                flowControl == null ? null : reference(flowControl.object("saturationDetector", PLUGIN_REF));
        return new Document(
                gates,
                plugins(top),
                profiles(top),
                dataLayer(top),
                flowControl == null ? null : new FlowControlParser(problems).parse(flowControl),
                parsers,
                detectorInside != null ? detectorInside : detector);
    }

    private static void one(StrictFields top, String name, List<String> allowed, String expected) {
        String value = top.required(name, expected);
        if (value != null && !allowed.contains(value)) {
            top.problem(name, Quoted.of(value) + " (expected: " + expected + ")");
        }
    }

    private List<Plugin> plugins(StrictFields top) {
        var plugins = new ArrayList<Plugin>();
        Map<String, String> names = new HashMap<>();
        for (var entry : top.objects("plugins", List.of("name", "type", "parameters"))) {
            String type = entry.required("type", "a plugin type such as queue-scorer");
            String written = entry.text("name", "a name");
            boolean unnamed = written == null || written.isEmpty();
            String name = written == null || written.isEmpty() ? type : written;
            if (name == null) {
                continue;
            }
            String first = names.putIfAbsent(name, entry.path());
            if (first == null) {
                plugins.add(new Plugin(
                        name, type == null ? "" : type, entry.get("parameters"), entry.line(), entry.path()));
            } else {
                entry.problem(
                        unnamed ? "type" : "name",
                        Quoted.of(name) + " is also " + first + " (expected: a unique name)");
            }
        }
        return plugins;
    }

    private List<Profile> profiles(StrictFields top) {
        var profiles = new ArrayList<Profile>();
        Map<String, String> names = new HashMap<>();
        for (var entry : top.objects("schedulingProfiles", List.of("name", "plugins"))) {
            String name = entry.required("name", "a unique name");
            var uses = new ArrayList<Use>();
            for (var use : entry.objects("plugins", List.of("pluginRef", "weight"))) {
                var plugin = reference(use);
                double weight = use.number("weight", 1);
                if (plugin != null) {
                    uses.add(new Use(plugin, weight));
                }
            }
            String first = name == null ? null : names.putIfAbsent(name, entry.path());
            if (name != null && first != null) {
                entry.problem("name", Quoted.of(name) + " is also " + first + " (expected: a unique name)");
            } else if (name != null) {
                profiles.add(new Profile(name, uses, entry.line(), entry.path()));
            }
        }
        return profiles;
    }

    private @Nullable DataLayer dataLayer(StrictFields top) {
        var fields = top.object(
                "dataLayer",
                List.of(
                        "injectDefaults",
                        "sources",
                        "discovery",
                        "peerDiscovery",
                        "crossReplicaSyncerPluginRef",
                        "crossReplicaSyncInterval"));
        if (fields == null) {
            return null;
        }
        var sources = new ArrayList<Source>();
        for (var entry : fields.objects("sources", List.of("pluginRef", "extractors"))) {
            var plugin = reference(entry);
            var extractors = new ArrayList<Reference>();
            entry.objects("extractors", PLUGIN_REF).forEach(extractor -> add(extractors, extractor));
            if (plugin != null) {
                sources.add(new Source(plugin, extractors));
            }
        }
        refuse(fields, "discovery", "endpoints come from --endpoints-file, pools[].endpoints or pools[].discovery");
        refuse(fields, "peerDiscovery", "gateways do not look for each other");
        refuse(fields, "crossReplicaSyncerPluginRef", "gateways share no state");
        fields.read("crossReplicaSyncInterval", GoDurations.EXPECTED, FlowControlParser::duration);
        return new DataLayer(fields.bool("injectDefaults", true), sources, fields.line());
    }

    private static void refuse(StrictFields fields, String name, String instead) {
        if (fields.get(name) != null) {
            fields.problem(name, "not supported (expected: nothing; " + instead + ")");
        }
    }

    private static void add(List<Reference> references, StrictFields entry) {
        var reference = reference(entry);
        if (reference != null) {
            references.add(reference);
        }
    }

    /** Returns what an object's {@code pluginRef} names, or null. */
    private static @Nullable Reference reference(@Nullable StrictFields entry) {
        if (entry == null) {
            return null;
        }
        String name = entry.required("pluginRef", REFERENCE);
        return name == null ? null : new Reference(name, entry.line("pluginRef"), entry.below("pluginRef"));
    }
}
