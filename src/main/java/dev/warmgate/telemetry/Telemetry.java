package dev.warmgate.telemetry;

import dev.warmgate.router.Decision;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.quota.Quotas;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's Prometheus metrics, all named {@code warmgate_…}, plus those of the JVM.
 *
 * <p>Observing takes a few hash lookups and striped additions; it waits only for a scrape that is reading the very same
 * histogram, for microseconds. Any thread.
 */
public final class Telemetry implements RequestObserver {
    /** Model names that get a label of their own. */
    public static final int DEFAULT_MAX_MODELS = 200;

    /** Priorities that get a label of their own. */
    public static final int MAX_PRIORITIES = 64;

    /** The pool label of requests that never reached a pool. */
    static final String NO_POOL = "none";

    private static final String[] CODE_CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

    /**
     * A rendered metrics page.
     *
     * @param contentType for the header of that name
     */
    public record Exposition(String contentType, String text) {}

    static {
        Formats.settle(); // before the first use of a metric
    }

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final RequestSeries series = new RequestSeries(registry);
    private final ModelLabels models;
    private final Router router;
    private final AdmissionSeries admission;
    private final PriorityLabels labels;

    /** Whether metrics of the process are wanted that are not there yet. Guarded by this. */
    private boolean processDue;

    /** Creates the metrics of a router, labelled with the software's version. */
    public Telemetry(Router router, String version) {
        this(router, version, DEFAULT_MAX_MODELS, Set.of(), System::nanoTime);
    }

    /**
     * Creates the metrics of a router.
     *
     * @param priorities those that get a label of their own, as many as {@link #MAX_PRIORITIES}; callers can have any
     */
    public Telemetry(Router router, String version, Set<Integer> priorities) {
        this(router, version, DEFAULT_MAX_MODELS, priorities, System::nanoTime);
    }

    /**
     * Creates the metrics of a router.
     *
     * @param maxModels model names that get a label of their own; further ones are labelled {@code other}
     * @param priorities those that get a label of their own
     * @param nanoTime the router's clock
     */
    public Telemetry(Router router, String version, int maxModels, Set<Integer> priorities, LongSupplier nanoTime) {
        this.router = router;
        models = new ModelLabels(router, maxModels);
        labels = new PriorityLabels(priorities, MAX_PRIORITIES);
        admission = new AdmissionSeries(registry, labels);
        QueueGauges.register(router, registry, labels, nanoTime);
        RouterGauges.register(router, registry, nanoTime);
        Info.builder()
                .name("warmgate_build")
                .help("The running software.")
                .labelNames("version")
                .register(registry)
                .addLabelValues(version);
    }

    /** Adds what the JVM and the system know of this process. */
    public synchronized void process() {
        processDue = true;
    }

    /** At the first scrape: the JVM's management takes long to start, and nobody waits for it then. */
    private synchronized void addProcess() {
        if (processDue) {
            processDue = false;
            ProcessMetrics.register(registry);
        }
    }

    /** Takes the priorities that get a label of their own from now on. */
    public void priorities(Set<Integer> priorities) {
        labels.name(priorities);
    }

    /**
     * Forgets the series of endpoints that are gone. Scrapes do so too: the report of an endpoint's last request comes after
     * the endpoint is gone.
     */
    public void forgetGone() {
        var kept = new HashSet<RequestSeries.EndpointKey>();
        for (var pools : List.of(router.pools(), router.retiring())) {
            for (var pool : pools) {
                pool.endpoints()
                        .forEach(endpoint -> kept.add(new RequestSeries.EndpointKey(pool.name(), endpoint.name())));
            }
        }
        series.keepEndpoints(kept);
    }

    /** Adds what is used of quotas. */
    public void quotas(Quotas quotas) {
        QuotaGauges.register(quotas, registry);
    }

    /**
     * Adds a counter that another room keeps.
     *
     * @param name in snake case without {@code _total}, for example {@code warmgate_access_log_dropped}
     */
    public void counter(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(values -> values.call((double) value.getAsLong()))
                .register(registry);
    }

    /**
     * Adds a counter with one label that another room keeps.
     *
     * @param values the counts by the label's value, asked for at each scrape
     */
    public void counter(String name, String help, String label, Supplier<Map<String, Long>> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(series -> values.get().forEach((of, count) -> series.call((double) count, of)))
                .register(registry);
    }

    /**
     * Adds a gauge that another room knows.
     *
     * @param value asked for at each scrape; NaN if there is none now
     */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(series -> {
                    double now = value.getAsDouble();
                    if (!Double.isNaN(now)) {
                        series.call(now);
                    }
                })
                .register(registry);
    }

    /**
     * Adds a gauge with labels that another room knows.
     *
     * @param values the values by those of the labels, asked for at each scrape
     */
    public void gauge(String name, String help, List<String> labels, Supplier<Map<List<String>, Double>> values) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(labels.toArray(String[]::new))
                .callback(series -> values.get().forEach((of, value) -> series.call(value, of.toArray(String[]::new))))
                .register(registry);
    }

    @Override
    public void ended(RequestReport report) {
        admission.ended(report);
        String pool = report.pool() == null ? NO_POOL : report.pool();
        String model = models.of(report);
        series.outcome(new RequestSeries.OutcomeKey(
                        pool, model, report.dialect(), report.outcome(), codeClass(report.status())))
                .inc();
        var usage = report.usage();
        var exposure = report.exposure();
        if (exposure != null) {
            series.exposed(new RequestSeries.ExposedKey(pool, exposure)).inc();
        }
        var ofModel = series.model(new RequestSeries.ModelKey(pool, model));
        ofModel.duration().observe(report.durationNanos() / 1e9);
        if (report.ttftNanos() >= 0) {
            ofModel.ttft().observe(report.ttftNanos() / 1e9);
        }
        if (report.itlNanos() >= 0) {
            ofModel.itl().observe(report.itlNanos() / 1e9);
        }
        var promptTokens = usage.estimated() ? ofModel.promptTokensEstimated() : ofModel.promptTokens();
        var outputTokens = usage.estimated() ? ofModel.outputTokensEstimated() : ofModel.outputTokens();
        promptTokens.inc(Math.max(0, usage.promptTokens()));
        outputTokens.inc(Math.max(0, usage.outputTokens()));
        ofModel.cachedTokens().inc(Math.max(0, usage.cachedTokens()));
        if (report.decision() != null) {
            if (report.decisionNanos() >= 0) {
                series.decision(pool).observe(report.decisionNanos() / 1e9);
            }
            endpointEnded(report.decision(), usage);
        }
    }

    private void endpointEnded(Decision decision, Usage usage) {
        var ofEndpoint = series.endpoint(new RequestSeries.EndpointKey(decision.pool(), decision.endpoint()));
        ofEndpoint.requests().inc();
        // Prediction and report are comparable only over the same requests.
        if (!usage.estimated() && usage.promptTokens() >= 0 && usage.cachedTokens() >= 0) {
            ofEndpoint.promptTokens().inc(usage.promptTokens());
            ofEndpoint.cachedTokens().inc(usage.cachedTokens());
            ofEndpoint.predictedPromptTokens().inc(decision.promptTokens());
            ofEndpoint.predictedCachedTokens().inc(decision.cachedTokens());
        }
    }

    @Override
    public void retried(String pool, String endpoint, FailureKind kind) {
        series.retry(new RequestSeries.RetryKey(pool, endpoint, label(kind))).inc();
    }

    /** Returns what ended at an endpoint so far. */
    public EndpointTotals totals(String pool, String endpoint) {
        var ofEndpoint = series.endpoint(new RequestSeries.EndpointKey(pool, endpoint));
        return new EndpointTotals(
                ofEndpoint.requests().getLongValue(),
                ofEndpoint.promptTokens().getLongValue(),
                ofEndpoint.cachedTokens().getLongValue(),
                ofEndpoint.predictedPromptTokens().getLongValue(),
                ofEndpoint.predictedCachedTokens().getLongValue());
    }

    /**
     * Returns all metrics, in OpenMetrics if asked for, else in the Prometheus text format.
     *
     * @param accept the request's header of that name
     */
    public Exposition exposition(@Nullable String accept) {
        forgetGone();
        addProcess();
        var writer = Formats.all().findWriter(accept);
        var body = new ByteArrayOutputStream(32 << 10);
        try {
            writer.write(body, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not from memory
        }
        return new Exposition(writer.getContentType(), body.toString(StandardCharsets.UTF_8));
    }

    /** Returns an enum constant as a label or log value. */
    static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String codeClass(int status) {
        int hundreds = status / 100;
        return hundreds > 0 && hundreds < CODE_CLASSES.length ? CODE_CLASSES[hundreds] : CODE_CLASSES[0];
    }
}
