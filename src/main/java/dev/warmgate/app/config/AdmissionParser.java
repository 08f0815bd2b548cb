package dev.warmgate.app.config;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code admission}. Used once; confined to one thread. */
final class AdmissionParser {
    private final Problems problems;
    private final Map<Integer, String> priorities = new HashMap<>();

    AdmissionParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns the settings; meaningless if there are problems afterwards. */
    AdmissionSettings parse(Section section) {
        boolean enabled = section.get(AdmissionKeys.ENABLED);
        var whole = new AdmissionSettings(
                enabled,
                section.get(AdmissionKeys.MAX_WAIT),
                section.get(AdmissionKeys.MAX_REQUESTS),
                section.get(AdmissionKeys.MAX_BYTES),
                List.of(),
                section.get(AdmissionKeys.MAX_REQUESTS_PER_FLOW));
        return new AdmissionSettings(
                enabled,
                whole.maxWait(),
                whole.maxRequests(),
                whole.maxBytes(),
                bands(section, whole),
                whole.maxRequestsPerFlow());
    }

    private List<BandSettings> bands(Section admission, AdmissionSettings whole) {
        var bands = new ArrayList<BandSettings>();
        for (var section : admission.sections("bands", "bands")) {
            var band = band(section, whole);
            if (band == null) {
                continue;
            }
            double left = 1 - AdmissionSettings.promised(bands);
            bands.add(band);
            if (AdmissionSettings.tooMuchPromised(bands)) {
                problems.add(
                        section.origin(AdmissionKeys.BAND_MIN_SHARE),
                        section.path(AdmissionKeys.BAND_MIN_SHARE),
                        ValueTypes.writeShare(band.minShare()) + " (expected: all bands together at most 1; "
                                + ValueTypes.writeShare(left) + " is left)");
                bands.removeLast();
            }
        }
        return bands;
    }

    private @Nullable BandSettings band(Section section, AdmissionSettings whole) {
        var written = section.require(AdmissionKeys.BAND_PRIORITY);
        double minShare = section.get(AdmissionKeys.BAND_MIN_SHARE);
        Long maxRequests = section.find(AdmissionKeys.BAND_MAX_REQUESTS);
        Long maxBytes = section.find(AdmissionKeys.BAND_MAX_BYTES);
        Duration maxWait = section.find(AdmissionKeys.BAND_MAX_WAIT);
        if (written == null) {
            return null;
        }
        int priority = Math.toIntExact(written);
        String path = section.path(AdmissionKeys.BAND_PRIORITY);
        String first = priorities.putIfAbsent(priority, path);
        if (first != null) {
            problems.add(
                    section.origin(AdmissionKeys.BAND_PRIORITY),
                    path,
                    priority + " is also " + first + " (expected: each priority once)");
            return null;
        }
        return new BandSettings(
                priority,
                minShare,
                maxRequests == null ? whole.maxRequests() : maxRequests,
                maxBytes == null ? whole.maxBytes() : maxBytes,
                maxWait == null ? whole.maxWait() : maxWait);
    }
}
