package dev.warmgate.telemetry;

import dev.warmgate.router.RequestReport;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What requests tell about admission when they end. Any thread; a lookup takes no lock once a series exists. */
final class AdmissionSeries {
    /** Compared in words of its own, as the keys of {@link RequestSeries}. */
    private record DispatchedKey(String priority, boolean queued) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof DispatchedKey key && queued == key.queued && priority.equals(key.priority);
        }

        @Override
        public int hashCode() {
            return 31 * priority.hashCode() + Boolean.hashCode(queued);
        }
    }

    private record RefusedKey(String reason, String priority) {}

    /** From passing by to the longest wait that is usual. */
    private static final double[] WAIT_SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 300, 3600
    };

    private final PriorityLabels priorities;
    private final Counter dispatched;
    private final Counter refused;
    private final Histogram waits;
    private final ConcurrentHashMap<DispatchedKey, CounterDataPoint> dispatchedByKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RefusedKey, CounterDataPoint> refusedByKey = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, DistributionDataPoint> waitsByPriority = new ConcurrentHashMap<>();

    AdmissionSeries(PrometheusRegistry registry, PriorityLabels priorities) {
        this.priorities = priorities;
        dispatched = Counter.builder()
                .name("warmgate_dispatched")
                .help("Requests that were sent to an endpoint, and whether they waited for room before.")
                .labelNames("priority", "queued")
                .withoutExemplars()
                .register(registry);
        refused = Counter.builder()
                .name("warmgate_refused")
                .help("Requests that were refused or ended by the gateway, by reason.")
                .labelNames("reason", "priority")
                .withoutExemplars()
                .register(registry);
        waits = Histogram.builder()
                .name("warmgate_queue_wait_seconds")
                .help("How long requests waited for room that had to, whatever became of them.")
                .labelNames("priority")
                .classicOnly()
                .classicUpperBounds(WAIT_SECONDS)
                .withoutExemplars()
                .register(registry);
    }

    void ended(RequestReport report) {
        var admittance = report.admittance();
        String priority = priorities.of(admittance.standing());
        boolean queued = admittance.queuedNanos() >= 0;
        if (queued) {
            waitsByPriority.computeIfAbsent(priority, waits::labelValues).observe(admittance.queuedNanos() / 1e9);
        }
        if (report.decision() != null) {
            dispatchedByKey
                    .computeIfAbsent(
                            new DispatchedKey(priority, queued),
                            key -> dispatched.labelValues(key.priority, Boolean.toString(key.queued)))
                    .inc();
        }
        if (admittance.refusal() != null) {
            refusedByKey
                    .computeIfAbsent(
                            new RefusedKey(admittance.refusal(), priority),
                            key -> refused.labelValues(key.reason, key.priority))
                    .inc();
        }
    }
}
