package dev.warmgate.picker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.warmgate.picker.grpc.GrpcCall;
import dev.warmgate.picker.grpc.GrpcMethod;
import dev.warmgate.picker.grpc.GrpcStatus;
import dev.warmgate.picker.grpc.GrpcStatus.Code;
import dev.warmgate.picker.grpc.GrpcStream;
import dev.warmgate.picker.proto.HealthCheckRequest;
import dev.warmgate.picker.proto.HealthCheckResponse;
import dev.warmgate.picker.proto.HealthCheckResponse.ServingStatus;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What probes are told (gRPC's health checking protocol), by the names that they ask with: those of the protocol (proposal
 * 004 of the Gateway API Inference Extension, rule 8), of its conformance suite, and none. Any thread.
 */
final class PickerHealth {
    private static final String SERVICE = "/grpc.health.v1.Health/";
    private static final String ALIVE = "liveness";
    private static final Set<String> READY = Set.of("", "readiness", PickerServer.SERVICE, "inference-extension");

    private final Set<Probe> watchers = ConcurrentHashMap.newKeySet();
    private volatile boolean ready;

    Map<String, GrpcMethod> methods() {
        return Map.of(
                SERVICE + "Check",
                stream -> new Probe(stream, false),
                SERVICE + "Watch",
                stream -> new Probe(stream, true));
    }

    void ready(boolean now) {
        ready = now;
        watchers.forEach(Probe::changed);
    }

    /** Returns how something is, or null if it is not known. */
    private @Nullable ServingStatus status(String name) {
        if (name.equals(ALIVE)) {
            return ServingStatus.SERVING;
        }
        if (!READY.contains(name)) {
            return null;
        }
        return ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }

    /** One that asks once, or wants to be told whenever the answer changes. On the event loop of its stream. */
    private final class Probe implements GrpcCall {
        private final GrpcStream stream;
        private final boolean watches;
        private @Nullable String name;
        private @Nullable ServingStatus told;

        Probe(GrpcStream stream, boolean watches) {
            this.stream = stream;
            this.watches = watches;
        }

        @Override
        public void message(byte[] message) {
            if (name != null) {
                end(new GrpcStatus(Code.INVALID_ARGUMENT, "more than one question"));
                return;
            }
            try {
                name = HealthCheckRequest.parseFrom(message).getService();
            } catch (InvalidProtocolBufferException _) {
                end(new GrpcStatus(Code.INTERNAL, "the question cannot be read"));
                return;
            }
            if (watches) {
                watchers.add(this);
                tell(ServingStatus.SERVICE_UNKNOWN);
                return;
            }
            if (status(name) == null) {
                end(new GrpcStatus(Code.NOT_FOUND, "unknown service " + name));
            } else {
                tell(ServingStatus.UNKNOWN);
                end(GrpcStatus.OK);
            }
        }

        /** Any thread. */
        void changed() {
            stream.execute(() -> tell(ServingStatus.SERVICE_UNKNOWN));
        }

        private void tell(ServingStatus otherwise) {
            var known = name == null ? null : status(name);
            var now = known == null ? otherwise : known;
            if (now != told) {
                told = now;
                stream.send(
                        HealthCheckResponse.newBuilder().setStatus(now).build().toByteArray());
            }
        }

        @Override
        public void halfClosed() {
            if (!watches) {
                end(new GrpcStatus(Code.INVALID_ARGUMENT, "no question came"));
            }
        }

        @Override
        public void cancelled() {
            watchers.remove(this);
        }

        private void end(GrpcStatus status) {
            watchers.remove(this);
            stream.close(status);
        }
    }
}
