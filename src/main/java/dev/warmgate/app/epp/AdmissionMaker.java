package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Band;
import dev.warmgate.app.epp.Document.FlowControl;
import dev.warmgate.app.epp.Document.Reference;
import dev.warmgate.app.epp.Made.Part;
import dev.warmgate.app.text.Quoted;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import dev.warmgate.router.profile.ConcurrencyDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes of {@code flowControl}, where its gate is on, what the section {@code admission} would say. Used once; confined to
 * one thread.
 */
final class AdmissionMaker {
    /**
     * What becomes of flow control.
     *
     * @param admission null where it is as configured elsewhere
     * @param maxInFlight null for no limit
     * @param limit the name of the plugin that sets it, or empty
     */
    record Waiting(
            @Nullable AdmissionSettings admission, @Nullable Integer maxInFlight, String limit) {
        static final Waiting AS_CONFIGURED = new Waiting(null, null, "");
    }

    private static final Duration REFERENCE_TTL = Duration.ofSeconds(60);

    /** The longest wait that {@code admission.maxWait} may have: as good as for ever. */
    private static final Duration LONGEST = Duration.ofHours(24);

    private final Document document;
    private final PluginSet plugins;
    private final Map<String, Made> made;
    private final Problems problems;
    private final List<String> warnings;

    AdmissionMaker(
            Document document, PluginSet plugins, Map<String, Made> made, Problems problems, List<String> warnings) {
        this.document = document;
        this.plugins = plugins;
        this.made = made;
        this.problems = problems;
        this.warnings = warnings;
    }

    Waiting make() {
        var flow = document.flowControl();
        if (!document.gates().contains(Document.FLOW_CONTROL)) {
            if (flow != null) {
                warnings.add("flowControl: not in force, as in the reference: featureGates does not name flowControl");
            }
            return Waiting.AS_CONFIGURED;
        }
        for (var plugin : plugins.all()) {
            if (plugin.type().equals(PluginTypes.AGENT_IDENTITY)) {
                problems.add(
                        plugin.line(),
                        plugin.path() + ".type",
                        Quoted.of(plugin.type()) + " is not supported where flowControl is on (nearest:"
                                + " tenants[].fairnessIds, with x-llm-d-inference-fairness-id)");
            }
        }
        var admission = flow == null ? defaults() : admission(flow);
        var detector = document.saturationDetector();
        String name = detector == null ? PluginTypes.UTILIZATION : detector.name();
        var limit = maxInFlight(name);
        return new Waiting(admission, limit, limit == null ? "" : name);
    }

    private static AdmissionSettings defaults() {
        return new AdmissionSettings(
                true,
                REFERENCE_TTL,
                AdmissionSettings.DEFAULT.maxRequests(),
                AdmissionSettings.DEFAULT.maxBytes(),
                List.of(band(0, null, REFERENCE_TTL)),
                AdmissionSettings.DEFAULT.maxRequests());
    }

    private AdmissionSettings admission(FlowControl flow) {
        var fields = flow.fields();
        if (flow.enableEviction()) {
            fields.problem(
                    "enableEviction",
                    "true is not supported (expected: false; a request that runs is ended only by its deadline,"
                            + " objectives[].deadline)");
        }
        check(flow.usageLimit(), PluginRole.LIMIT, "a usage limit policy");
        var wait = wait(flow);
        var bands = new ArrayList<BandSettings>();
        for (var band : flow.bands()) {
            check(band);
            bands.add(band(band.priority(), band, wait));
        }
        check(flow.defaultBand());
        check(flow.defaultNegativeBand());
        if (flow.bands().stream().noneMatch(band -> band.priority() == 0)) {
            bands.add(band(0, flow.defaultBand(), wait));
        }
        if (flow.defaultBand() != null || flow.defaultNegativeBand() != null) {
            warnings.add("flowControl.defaultPriorityBand: its limits are those of priority 0; other priorities that"
                    + " priorityBands does not name have the limits of the whole");
        }
        long requests = flow.maxRequests() == 0 ? AdmissionSettings.DEFAULT.maxRequests() : flow.maxRequests();
        long bytes = flow.maxBytes() == 0 ? AdmissionSettings.DEFAULT.maxBytes() : flow.maxBytes();
        return new AdmissionSettings(true, wait, requests, bytes, bands, requests);
    }

    private Duration wait(FlowControl flow) {
        var wait = flow.defaultRequestTtl() == null ? REFERENCE_TTL : flow.defaultRequestTtl();
        if (flow.noEndpointRequestTtl() != null && !flow.noEndpointRequestTtl().equals(wait)) {
            warnings.add("flowControl.noEndpointRequestTTL: does not count: a request that comes while no endpoint is"
                    + " available is refused at once, and one that waits already does so as long as"
                    + " defaultRequestTTL says");
        }
        if (wait.isZero() || wait.compareTo(LONGEST) > 0) {
            warnings.add("flowControl.defaultRequestTTL: requests wait at most " + GoDurations.write(LONGEST));
            return LONGEST;
        }
        return wait;
    }

    /** Bands are strict in the reference: none is sure of anything while a higher one waits. */
    private static BandSettings band(int priority, @Nullable Band band, Duration wait) {
        return new BandSettings(
                priority,
                0,
                band == null ? Band.DEFAULT_REQUESTS : band.maxRequests(),
                band == null ? Band.DEFAULT_BYTES : band.maxBytes(),
                wait);
    }

    private void check(@Nullable Band band) {
        if (band != null) {
            check(band.fairness(), PluginRole.FAIRNESS, "a fairness policy");
            check(band.ordering(), PluginRole.ORDERING, "an ordering policy");
        }
    }

    private void check(@Nullable Reference reference, PluginRole role, String expected) {
        var plugin = reference == null ? null : plugins.resolve(reference);
        if (reference != null && plugin != null && !PluginSet.is(plugin, role)) {
            problems.add(
                    reference.line(),
                    reference.path(),
                    Quoted.of(reference.name()) + " is of type " + plugin.type() + " (expected: " + expected + ")");
        }
    }

    private @Nullable Integer maxInFlight(String detectorName) {
        for (var part : made.getOrDefault(detectorName, Made.NOTHING).parts()) {
            if (part instanceof Part.OfFilter(ConcurrencyDetector detector)
                    && detector.concurrencyMode() == ConcurrencyDetector.Mode.REQUESTS) {
                warnings.add("flowControl.saturationDetector: an endpoint has at most " + detector.maxConcurrency()
                        + " requests in flight, and fewer where it has no room by its own answers; the reference counts"
                        + " those of the whole pool");
                return detector.maxConcurrency();
            }
        }
        warnings.add(
                "flowControl.saturationDetector: its thresholds do not count: a request waits while no endpoint has"
                        + " room by the gateway's own bookkeeping");
        return null;
    }
}
