package dev.warmgate.telemetry;

import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import dev.warmgate.router.admission.QueueStats.OfBand;
import dev.warmgate.router.admission.QueueStats.OfTenant;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** What waits and who received how much, read when a scrape asks. Any thread. */
final class QueueGauges {
    /** Tenants that get a label of their own, first come, first served; all further ones are together. */
    static final int MAX_TENANTS = 200;

    private static final String OTHER = "other";

    private final Router router;
    private final PrometheusRegistry registry;
    private final PriorityLabels priorities;
    private final FairnessIndex fairness;
    private final Map<String, String> tenants = new ConcurrentHashMap<>();

    private QueueGauges(Router router, PrometheusRegistry registry, PriorityLabels priorities, LongSupplier nanoTime) {
        this.router = router;
        this.registry = registry;
        this.priorities = priorities;
        this.fairness = new FairnessIndex(nanoTime);
    }

    static void register(Router router, PrometheusRegistry registry, PriorityLabels priorities, LongSupplier nanoTime) {
        new QueueGauges(router, registry, priorities, nanoTime).register();
    }

    private void register() {
        perBand("warmgate_queue_requests", "Requests that wait for room.", OfBand::waiting);
        perBand("warmgate_queue_bytes", "Bytes of request bodies that wait for room.", OfBand::waitingBytes);
        perBand(
                "warmgate_queue_work_seconds",
                "Work of the requests that wait, as expected, in seconds of an endpoint.",
                OfBand::waitingSeconds);
        perBand(
                "warmgate_queue_closed_to_new",
                "1 while sessions that begin are held back, because running ones lose their cached blocks.",
                band -> band.openToNew() ? 0 : 1);
        perTenant(
                "warmgate_tenant_work_seconds",
                "Work that a tenant's requests took, in seconds of an endpoint; of running ones, as expected.",
                OfTenant::workSeconds);
        perTenant(
                "warmgate_tenant_estimated_work_seconds",
                "The same as it was expected when the requests were sent.",
                OfTenant::estimatedSeconds);
        GaugeWithCallback.builder()
                .name("warmgate_tenant_fairness_ratio")
                .help(
                        "Jain's index over the work of the last minute that tenants received for their weight: 1 if all got"
                                + " the same.")
                .callback(series -> {
                    double index = fairness.read(tenants());
                    if (!Double.isNaN(index)) {
                        series.call(index);
                    }
                })
                .register(registry);
    }

    private void perBand(String name, String help, ToDoubleFunction<OfBand> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("pool", "priority")
                .callback(series -> router.pools()
                        .forEach(pool -> byPriority(pool, value)
                                .forEach((priority, sum) -> series.call(sum, pool.name(), priority))))
                .register(registry);
    }

    private Map<String, Double> byPriority(Pool pool, ToDoubleFunction<OfBand> value) {
        var sums = new LinkedHashMap<String, Double>();
        priorities.named().forEach(label -> sums.put(label, 0.0));
        pool.queueStats(0)
                .bands()
                .forEach(band -> sums.merge(priorities.of(band.priority()), value.applyAsDouble(band), Double::sum));
        return sums;
    }

    private void perTenant(String name, String help, ToDoubleFunction<OfTenant> value) {
        var highest = new ConcurrentHashMap<String, Double>();
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("tenant")
                .callback(series -> {
                    var sums = new LinkedHashMap<String, Double>();
                    tenants()
                            .values()
                            .forEach(tenant ->
                                    sums.merge(label(tenant.name()), value.applyAsDouble(tenant), Double::sum));
                    // What was expected too much is taken back, and a counter does not fall.
                    sums.forEach((tenant, sum) -> series.call(highest.merge(tenant, sum, Math::max), tenant));
                })
                .register(registry);
    }

    private String label(String tenant) {
        String label = tenants.get(tenant);
        if (label == null) {
            synchronized (this) {
                label = tenants.size() < MAX_TENANTS ? tenants.computeIfAbsent(tenant, name -> name) : OTHER;
            }
        }
        return label;
    }

    /** Returns what each tenant received in all pools. */
    private Map<String, OfTenant> tenants() {
        var all = new HashMap<String, OfTenant>();
        for (var pool : router.pools()) {
            for (var tenant : pool.queueStats(0).tenants()) {
                all.merge(
                        tenant.name(),
                        tenant,
                        (one, other) -> new OfTenant(
                                one.name(),
                                other.weight(),
                                one.estimatedSeconds() + other.estimatedSeconds(),
                                one.workSeconds() + other.workSeconds(),
                                one.busy() || other.busy()));
            }
        }
        return all;
    }
}
