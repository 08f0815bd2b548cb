package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Band;
import dev.warmgate.app.epp.Document.FlowControl;
import dev.warmgate.app.epp.Document.Reference;
import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code flowControl}. Used once; confined to one thread. */
final class FlowControlParser {
    static final List<String> FIELDS = List.of(
            "maxBytes",
            "maxRequests",
            "defaultRequestTTL",
            "noEndpointRequestTTL",
            "defaultPriorityBand",
            "defaultNegativePriorityBand",
            "priorityBands",
            "usageLimitPolicyPluginRef",
            "saturationDetector",
            "enableEviction");
    private static final List<String> BAND =
            List.of("priority", "maxBytes", "maxRequests", "fairnessPolicyRef", "orderingPolicyRef");
    private static final String PRIORITY =
            "a whole number from " + Standing.LOWEST_PRIORITY + " to " + Standing.HIGHEST_PRIORITY;

    private final Problems problems;

    FlowControlParser(Problems problems) {
        this.problems = problems;
    }

    FlowControl parse(StrictFields fields) {
        return new FlowControl(
                quantity(fields, "maxBytes", 0),
                quantity(fields, "maxRequests", 0),
                ttl(fields, "defaultRequestTTL"),
                ttl(fields, "noEndpointRequestTTL"),
                template(fields, "defaultPriorityBand"),
                template(fields, "defaultNegativePriorityBand"),
                bands(fields),
                reference(fields, "usageLimitPolicyPluginRef"),
                fields.bool("enableEviction", false),
                fields);
    }

    private List<Band> bands(StrictFields fields) {
        var bands = new ArrayList<Band>();
        Map<Integer, String> priorities = new HashMap<>();
        for (var entry : fields.objects("priorityBands", BAND)) {
            var band = band(entry);
            String first = priorities.putIfAbsent(band.priority(), entry.path());
            if (first == null) {
                bands.add(band);
            } else {
                entry.problem("priority", band.priority() + " is also " + first + " (expected: each priority once)");
            }
        }
        return bands;
    }

    private @Nullable Band template(StrictFields fields, String name) {
        var entry = fields.object(name, BAND);
        return entry == null ? null : band(entry);
    }

    private static Band band(StrictFields entry) {
        Integer priority = entry.read("priority", PRIORITY, tree -> {
            Long value = tree instanceof Tree.Numeral number ? GoNumbers.whole(number) : null;
            return value != null && value >= Standing.LOWEST_PRIORITY && value <= Standing.HIGHEST_PRIORITY
                    ? (Integer) Math.toIntExact(value)
                    : null;
        });
        return new Band(
                priority == null ? 0 : priority,
                quantity(entry, "maxBytes", Band.DEFAULT_BYTES),
                quantity(entry, "maxRequests", Band.DEFAULT_REQUESTS),
                reference(entry, "fairnessPolicyRef"),
                reference(entry, "orderingPolicyRef"),
                entry.line(),
                entry.path());
    }

    private static long quantity(StrictFields fields, String name, long otherwise) {
        Long value = fields.read(name, Quantities.EXPECTED, Quantities::read);
        return value == null || value == 0 ? otherwise : value;
    }

    private @Nullable Duration ttl(StrictFields fields, String name) {
        var value = fields.read(name, GoDurations.EXPECTED, FlowControlParser::duration);
        if (value != null && value.isNegative()) {
            problems.add(fields.line(name), fields.below(name), GoDurations.write(value) + " (expected: at least 0s)");
            return null;
        }
        return value;
    }

    /** Returns the duration that a text is, or null. */
    static @Nullable Duration duration(Tree tree) {
        return tree instanceof Tree.Text text ? GoDurations.parse(text.text()) : null;
    }

    private static @Nullable Reference reference(StrictFields fields, String name) {
        String plugin = fields.text(name, DocumentParser.REFERENCE);
        return plugin == null || plugin.isEmpty() ? null : new Reference(plugin, fields.line(name), fields.below(name));
    }
}
