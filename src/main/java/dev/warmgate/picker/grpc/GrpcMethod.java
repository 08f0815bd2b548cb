package dev.warmgate.picker.grpc;

/** Something that can be called. Any thread. */
@FunctionalInterface
public interface GrpcMethod {
    /** Begins a call, on the event loop of its connection. */
    GrpcCall begin(GrpcStream stream);
}
