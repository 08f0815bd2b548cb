package dev.warmgate.telemetry;

import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaUsage;
import dev.warmgate.router.quota.Quotas;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is used of quotas, read when a scrape asks. Labels come from the configuration only. Any thread. */
final class QuotaGauges {
    /** Limits that are shown. */
    static final int MAX_LIMITS = 2_000;

    private static final String[] LABELS = {"tenant", "model", "limit"};

    /** The label of a limit that is for all. */
    private static final String ALL = "*";

    private final Quotas quotas;
    private final PrometheusRegistry registry;

    private QuotaGauges(Quotas quotas, PrometheusRegistry registry) {
        this.quotas = quotas;
        this.registry = registry;
    }

    static void register(Quotas quotas, PrometheusRegistry registry) {
        var gauges = new QuotaGauges(quotas, registry);
        gauges.gauge(
                "warmgate_quota_limit",
                "The limit, in the unit that its name says.",
                usage -> usage.state().limit().limit());
        gauges.gauge(
                "warmgate_quota_used",
                "What counts as used now.",
                usage -> usage.state().used());
        gauges.gauge(
                "warmgate_quota_held",
                "What is reserved and not used yet.",
                usage -> usage.state().held());
        gauges.counter(
                "warmgate_quota_reserved",
                "Everything ever reserved.",
                usage -> usage.state().reservedTotal());
        gauges.counter(
                "warmgate_quota_settled",
                "Everything ever used.",
                usage -> usage.state().settledTotal());
        gauges.counter("warmgate_quota_refused", "Requests that the limit refused.", QuotaUsage::refused);
        gauges.counter(
                "warmgate_quota_exhausted", "Answers that the limit ended while they ran.", QuotaUsage::exhausted);
    }

    private List<QuotaUsage> usage() {
        var usage = quotas.usage();
        return usage.size() <= MAX_LIMITS ? usage : usage.subList(0, MAX_LIMITS);
    }

    private void gauge(String name, String help, ToDoubleFunction<QuotaUsage> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(LABELS)
                .callback(series -> usage().forEach(of -> series.call(value.applyAsDouble(of), labels(of))))
                .register(registry);
    }

    private void counter(String name, String help, ToDoubleFunction<QuotaUsage> value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(LABELS)
                .callback(series -> usage().forEach(of -> series.call(value.applyAsDouble(of), labels(of))))
                .register(registry);
    }

    private static String[] labels(QuotaUsage usage) {
        var limit = usage.state().limit();
        String name = limit.kind().settingName();
        return switch (limit.scope()) {
            case QuotaScope.OfTenant(var tenant) -> new String[] {tenant, ALL, name};
            case QuotaScope.OfModel(var model) -> new String[] {ALL, model, name};
            case QuotaScope.OfTenantAndModel(var tenant, var model) -> new String[] {tenant, model, name};
        };
    }
}
