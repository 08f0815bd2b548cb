package dev.warmgate.picker;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;

/**
 * What probes are told, by the names that they ask with: those of the protocol (proposal 004 of the Gateway API Inference
 * Extension, rule 8), of its conformance suite, and none. Any thread.
 */
final class PickerHealth {
    private static final String ALIVE = "liveness";
    private static final List<String> READY = List.of("", "readiness", PickerServer.SERVICE, "inference-extension");

    private final HealthStatusManager manager = new HealthStatusManager();

    PickerHealth() {
        manager.setStatus(ALIVE, ServingStatus.SERVING);
        ready(false);
    }

    BindableService service() {
        return manager.getHealthService();
    }

    void ready(boolean ready) {
        var status = ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        READY.forEach(name -> manager.setStatus(name, status));
    }
}
