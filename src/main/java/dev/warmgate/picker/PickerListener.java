package dev.warmgate.picker;

import dev.warmgate.picker.proto.ProcessingRequest;
import io.grpc.ServerCall;

/** Hears what a gateway does with its stream, and passes it on to the call. */
final class PickerListener extends ServerCall.Listener<ProcessingRequest> {
    private final PickerCall call;

    PickerListener(PickerCall call) {
        this.call = call;
    }

    @Override
    public void onMessage(ProcessingRequest message) {
        call.message(message);
    }

    @Override
    public void onReady() {
        call.takesMore();
    }

    @Override
    public void onHalfClose() {
        call.left(false);
    }

    @Override
    public void onCancel() {
        call.left(true);
    }

    @Override
    public void onComplete() {
        call.left(true);
    }
}
