package dev.warmgate.telemetry;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashSet;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** Gauges of the router's live state, read when a scrape asks. A value that is not known has no series. */
final class RouterGauges {
    private static final int STEADY_TRIES = 5;

    private final Router router;
    private final PrometheusRegistry registry;

    private RouterGauges(Router router, PrometheusRegistry registry) {
        this.router = router;
        this.registry = registry;
    }

    static void register(Router router, PrometheusRegistry registry, LongSupplier nanoTime) {
        new RouterGauges(router, registry).register(nanoTime);
    }

    private void register(LongSupplier nanoTime) {
        perEndpoint("warmgate_endpoint_in_flight", "Requests dispatched and not settled.", Endpoint::inFlight);
        perEndpoint(
                "warmgate_endpoint_pending_prefill_tokens",
                "Uncached prompt tokens dispatched whose first response token has not come.",
                Endpoint::pendingPrefillTokens);
        perEndpoint(
                "warmgate_endpoint_available",
                "1 if it is well and takes requests, 0 if it is ejected, failed its check, or drains.",
                endpoint -> endpoint.available() ? 1 : 0);
        perEndpoint(
                "warmgate_endpoint_draining",
                "1 if it takes no new requests because it is drained or leaves, else 0.",
                endpoint -> endpoint.state() == Endpoint.State.ACTIVE ? 0 : 1);
        perEngine("warmgate_engine_running", "Requests the engine says it is computing.", EngineLoad::running);
        perEngine("warmgate_engine_waiting", "Requests the engine says it has queued.", EngineLoad::waiting);
        perEngine("warmgate_engine_kv_usage_ratio", "Share of the engine's KV blocks in use.", EngineLoad::kvUsage);
        perEngine(
                "warmgate_engine_kv_capacity_tokens",
                "The engine's KV cache in tokens.",
                load -> load.kvCapacityTokens() < 0 ? Double.NaN : load.kvCapacityTokens());
        perEngine(
                "warmgate_engine_metrics_age_seconds",
                "Time since the engine's metrics were read.",
                load -> (nanoTime.getAsLong() - load.nanoTime()) / 1e9);
        perPool(
                "warmgate_pool_panic",
                "1 while so many endpoints look bad that requests are sent to them all the same.",
                pool -> pool.panics() ? 1 : 0);
        perPool("warmgate_open_reservations", "Reservations that are not settled.", Pool::openReservations);
        perPool(
                "warmgate_reservation_imbalance",
                "Requests in flight summed over endpoints, minus open reservations: always 0.",
                RouterGauges::imbalance);
        perPool(
                "warmgate_prefix_index_blocks",
                "Prompt blocks known.",
                pool -> pool.indexStats().blocks());
        perPool(
                "warmgate_prefix_index_bytes",
                "Memory of the prefix index.",
                pool -> pool.indexStats().bytes());
        perPool(
                "warmgate_prefix_index_pressure_ratio",
                "1 with room to spare; below, the share of the engines' capacity that is still remembered.",
                pool -> pool.indexStats().pressure());
    }

    /**
     * The two sides are not read in one step, so under traffic a reading may be off by what was booked or settled
     * meanwhile; a real imbalance is in every reading, so one zero among a few is the truth.
     */
    static double imbalance(Pool pool) {
        int imbalance = 0;
        for (int i = 0; i < STEADY_TRIES; i++) {
            int open = pool.openReservations();
            int inFlight = 0;
            for (Endpoint endpoint : pool.endpoints()) {
                inFlight += endpoint.inFlight();
            }
            imbalance = inFlight - open;
            if (imbalance == 0) {
                return 0;
            }
        }
        return imbalance;
    }

    private void perEngine(String name, String help, ToDoubleFunction<EngineLoad> value) {
        perEndpoint(name, help, endpoint -> {
            var load = endpoint.engineLoad();
            return load == null ? Double.NaN : value.applyAsDouble(load);
        });
    }

    private void perEndpoint(String name, String help, ToDoubleFunction<Endpoint> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("pool", "endpoint")
                .callback(series -> {
                    for (Pool pool : router.pools()) {
                        var seen = new HashSet<String>();
                        for (Endpoint endpoint : pool.endpoints()) {
                            double now = value.applyAsDouble(endpoint);
                            // One that leaves may have the name of one that came, which is before it.
                            if (seen.add(endpoint.name()) && !Double.isNaN(now)) {
                                series.call(now, pool.name(), endpoint.name());
                            }
                        }
                    }
                })
                .register(registry);
    }

    private void perPool(String name, String help, ToDoubleFunction<Pool> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("pool")
                .callback(series -> router.pools().forEach(pool -> series.call(value.applyAsDouble(pool), pool.name())))
                .register(registry);
    }
}
