package dev.warmgate.app.config;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The keys of the section {@code admission}, in the order of the documentation. */
final class AdmissionKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final ValueType<Duration> WAIT = ValueTypes.duration(Duration.ofMillis(1), Duration.ofHours(24));
    private static final ValueType<Long> REQUESTS = ValueTypes.integer(1, 100_000_000);
    private static final ValueType<Long> BYTES = ValueTypes.size(1, 1L << 40);

    static final Setting<Boolean> ENABLED = add(Setting.of(
            "admission.enabled",
            ValueTypes.bool(),
            AdmissionSettings.DEFAULT.enabled(),
            "Whether requests wait here while all endpoints are full; otherwise they are sent on at once."));
    static final Setting<Duration> MAX_WAIT = add(
            Setting.of("admission.maxWait", WAIT, AdmissionSettings.DEFAULT.maxWait(), "How long a request may wait."));
    static final Setting<Long> MAX_REQUESTS = add(Setting.of(
            "admission.maxRequests",
            REQUESTS,
            AdmissionSettings.DEFAULT.maxRequests(),
            "How many requests may wait in all."));
    static final Setting<Long> MAX_BYTES = add(Setting.of(
            "admission.maxBytes",
            BYTES,
            AdmissionSettings.DEFAULT.maxBytes(),
            "How many bytes of request bodies may wait in all."));
    static final Setting<Long> MAX_REQUESTS_PER_FLOW = add(Setting.of(
            "admission.maxRequestsPerFlow",
            REQUESTS,
            AdmissionSettings.DEFAULT.maxRequestsPerFlow(),
            "How many requests of one flow may wait."));

    static final Setting<Long> BAND_PRIORITY = add(Setting.withoutDefault(
            "admission.bands[].priority",
            ValueTypes.integer(Standing.LOWEST_PRIORITY, Standing.HIGHEST_PRIORITY),
            Setting.REQUIRED,
            "The priority that the band is about; each once."));
    static final Setting<Double> BAND_MIN_SHARE = add(Setting.of(
            "admission.bands[].minShare",
            ValueTypes.share(),
            BandSettings.DEFAULT_MIN_SHARE,
            "Share of the work that the band gets while it has requests waiting, whatever goes before it. All together at"
                    + " most 1."));
    static final Setting<Long> BAND_MAX_REQUESTS = add(Setting.withoutDefault(
            "admission.bands[].maxRequests",
            REQUESTS,
            "`admission.maxRequests`",
            "How many of its requests may wait."));
    static final Setting<Long> BAND_MAX_BYTES = add(Setting.withoutDefault(
            "admission.bands[].maxBytes",
            BYTES,
            "`admission.maxBytes`",
            "How many bytes of its request bodies may wait."));
    static final Setting<Duration> BAND_MAX_WAIT = add(Setting.withoutDefault(
            "admission.bands[].maxWait", WAIT, "`admission.maxWait`", "How long its requests may wait."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private AdmissionKeys() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
