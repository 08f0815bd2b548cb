package dev.warmgate.twin.server;

import dev.warmgate.twin.fault.FaultPlan;
import java.nio.charset.StandardCharsets;

/**
 * The page of one replica's faults: GET tells the plan and what has happened, POST takes another plan, DELETE ends it.
 * Stateless.
 */
final class FaultsPage {
    static final String PATH = "/twin/faults";

    private FaultsPage() {}

    static void answer(TwinReplica replica, HttpCall call, ReplicaConnection connection) {
        switch (call.method()) {
            case "GET" -> show(replica, connection);
            case "DELETE" -> {
                replica.plan(FaultPlan.NONE);
                show(replica, connection);
            }
            case "POST" -> {
                try {
                    replica.plan(FaultPlan.parse(new String(call.body(), 0, call.length(), StandardCharsets.UTF_8)));
                    show(replica, connection);
                } catch (IllegalArgumentException e) {
                    Routes.detail(400, String.valueOf(e.getMessage()), "", connection);
                }
            }
            default -> Routes.detail(405, "Method Not Allowed", "allow: GET, POST, DELETE\r\n", connection);
        }
    }

    private static void show(TwinReplica replica, ReplicaConnection connection) {
        var body = new ByteBuilder()
                .add("{\"faults\":")
                .quote(replica.faults().plan().toString())
                .add(",\"happened\":{");
        String separator = "";
        for (var entry : replica.faults().happened().entrySet()) {
            body.add(separator).quote(entry.getKey().label()).add(":").add(entry.getValue());
            separator = ",";
        }
        connection.respond(200, "application/json", "", body.add("}}"));
    }
}
