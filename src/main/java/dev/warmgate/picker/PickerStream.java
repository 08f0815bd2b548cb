package dev.warmgate.picker;

import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * The gRPC side of one call: sends in order, and reads on only while the gateway takes what is sent. Guarded by the
 * monitor of its {@link PickerCall}.
 */
final class PickerStream {
    private final ServerCall<ProcessingRequest, ProcessingResponse> call;
    private boolean headersSent;
    private boolean closed;
    private boolean wantsMore;

    PickerStream(ServerCall<ProcessingRequest, ProcessingResponse> call) {
        this.call = call;
    }

    void send(ProcessingResponse response) {
        if (closed) {
            return;
        }
        if (!headersSent) {
            headersSent = true;
            call.sendHeaders(new Metadata());
        }
        call.sendMessage(response);
    }

    /** Reads the next message, once what was sent is on its way. */
    void readOn() {
        if (closed) {
            return;
        }
        wantsMore = !call.isReady();
        if (!wantsMore) {
            call.request(1);
        }
    }

    /** The gateway takes more. */
    void ready() {
        if (wantsMore) {
            readOn();
        }
    }

    boolean closed() {
        return closed;
    }

    /** Ends the call from our side; {@link Status#OK} lets what was not answered go on without us. */
    void close(Status status) {
        if (!closed) {
            closed = true;
            call.close(status, new Metadata());
        }
    }

    /** The call is over without us. */
    void gone() {
        closed = true;
    }
}
