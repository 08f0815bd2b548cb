package dev.warmgate.console;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import dev.warmgate.telemetry.Telemetry;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The state of all pools and endpoints as JSON; a fact that is not known is null. */
final class EndpointsPage {
    private final Router router;
    private final Telemetry telemetry;
    private final UnaryOperator<String> origin;
    private final LongSupplier nanoTime;

    /** Creates the page; {@code origin} says where an endpoint of a name comes from. */
    EndpointsPage(Router router, Telemetry telemetry, UnaryOperator<String> origin, LongSupplier nanoTime) {
        this.router = router;
        this.telemetry = telemetry;
        this.origin = origin;
        this.nanoTime = nanoTime;
    }

    String render() {
        var root = JsonNodeFactory.instance.objectNode();
        var pools = root.putArray("pools");
        for (Pool pool : router.pools()) {
            var node = pools.addObject()
                    .put("name", pool.name())
                    .put("policy", pool.policy().name())
                    .put("panic", pool.panics())
                    .put("openReservations", pool.openReservations());
            pool.models().forEach(node.putArray("models")::add);
            var endpoints = node.putArray("endpoints");
            pool.endpoints().forEach(endpoint -> describe(endpoints.addObject(), pool, endpoint));
        }
        return JsonMapper.shared().writeValueAsString(root);
    }

    private void describe(ObjectNode node, Pool pool, Endpoint endpoint) {
        var totals = telemetry.totals(pool.name(), endpoint.name());
        node.put("name", endpoint.name())
                .put("address", endpoint.address().toString())
                .put("state", endpoint.state().name().toLowerCase(Locale.ROOT))
                .put("source", endpoint.state() == Endpoint.State.LEAVING ? "removed" : origin.apply(endpoint.name()))
                .put("condition", endpoint.condition().name().toLowerCase(Locale.ROOT))
                .put("available", endpoint.available())
                .put("shareOfUsualWork", endpoint.share(nanoTime.getAsLong()))
                .put("unavailableForSeconds", endpoint.unavailableFor().toMillis() / 1e3)
                .put("inFlight", endpoint.inFlight())
                .put("pendingPrefillTokens", endpoint.pendingPrefillTokens())
                .put("requests", totals.requests());
        share(node, "hitShare", totals.hitShare());
        share(node, "predictedHitShare", totals.predictedHitShare());
        var served = endpoint.models();
        if (served == null) {
            node.putNull("models");
        } else {
            new TreeSet<>(served).forEach(node.putArray("models")::add);
        }
        var load = endpoint.engineLoad();
        if (load == null) {
            node.putNull("engine");
            return;
        }
        var engine = node.putObject("engine").put("running", load.running()).put("waiting", load.waiting());
        share(engine, "kvUsage", load.kvUsage());
        count(engine, "kvCapacityTokens", load.kvCapacityTokens());
        count(engine, "promptTokens", load.promptTokens());
        count(engine, "cachedTokens", load.cachedTokens());
        engine.put("ageSeconds", Math.max(0, nanoTime.getAsLong() - load.nanoTime()) / 1e9);
    }

    private static void share(ObjectNode node, String name, double value) {
        if (Double.isNaN(value)) {
            node.putNull(name);
        } else {
            node.put(name, value);
        }
    }

    private static void count(ObjectNode node, String name, long value) {
        if (value < 0) {
            node.putNull(name);
        } else {
            node.put(name, value);
        }
    }
}
