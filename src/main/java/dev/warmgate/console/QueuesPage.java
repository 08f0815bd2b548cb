package dev.warmgate.console;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Router;
import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.QueueStats;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Who waits, since when and for what, as JSON. */
final class QueuesPage {
    /** Flows of a pool that are shown, those with most requests waiting. */
    private static final int FLOWS = 50;

    private final Router router;

    QueuesPage(Router router) {
        this.router = router;
    }

    String render() {
        var root = JsonNodeFactory.instance.objectNode();
        var pools = root.putArray("pools");
        for (var pool : router.pools()) {
            describe(pools.addObject(), pool, pool.queueStats(FLOWS));
        }
        return JsonMapper.shared().writeValueAsString(root);
    }

    private static void describe(ObjectNode node, Pool pool, QueueStats stats) {
        node.put("name", pool.name())
                .put("enabled", pool.queues())
                .put("waiting", stats.waiting())
                .put("waitingBytes", stats.waitingBytes());
        var bands = node.putArray("bands");
        stats.bands().forEach(band -> describe(bands.addObject(), band));
        var places = node.putArray("waitFor");
        for (var place : stats.places()) {
            places.addObject().put("endpoint", endpoint(pool, place.slot())).put("waiting", place.waiting());
        }
        var tenants = node.putArray("tenants");
        stats.tenants().stream()
                .filter(QueueStats.OfTenant::busy)
                .limit(FLOWS)
                .forEach(tenant -> tenants.addObject()
                        .put("name", tenant.name())
                        .put("weight", tenant.weight())
                        .put("receivedSeconds", tenant.workSeconds()));
        node.put("flowsWaiting", stats.flowsWaiting());
        describe(node.putArray("flows"), pool, stats);
    }

    private static void describe(ObjectNode node, QueueStats.OfBand band) {
        node.put("priority", band.priority())
                .put("waiting", band.waiting())
                .put("waitingBytes", band.waitingBytes())
                .put("workSeconds", band.waitingSeconds())
                .put("oldestWaitSeconds", band.oldestWaitSeconds())
                .put("inFlight", band.inFlight())
                .put("minShare", band.minShare())
                .put("owedSeconds", band.owedSeconds())
                .put("openToNewSessions", band.openToNew());
    }

    private static void describe(ArrayNode flows, Pool pool, QueueStats stats) {
        for (var flow : stats.flows()) {
            flows.addObject()
                    .put("flow", flow.name())
                    .put("tenant", flow.tenant())
                    .put("priority", flow.priority())
                    .put("waiting", flow.waiting())
                    .put("waitingBytes", flow.waitingBytes())
                    .put("workSeconds", flow.waitingSeconds())
                    .put("inFlight", flow.inFlight())
                    .put("oldestWaitSeconds", flow.oldestWaitSeconds())
                    .put("oldestWaitsFor", endpoint(pool, flow.oldestSlot()));
        }
    }

    private static String endpoint(Pool pool, int slot) {
        return switch (slot) {
            case AdmissionQueue.ANY -> "any";
            case AdmissionQueue.NONE -> "none";
            default ->
                pool.endpoints().stream()
                        .filter(endpoint -> endpoint.slot() == slot)
                        .map(Endpoint::name)
                        .findFirst()
                        .orElse("none");
        };
    }
}
