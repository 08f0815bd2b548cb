package dev.warmgate.picker;

import dev.warmgate.door.Entry;
import dev.warmgate.door.RequestLog;
import dev.warmgate.picker.grpc.GrpcStream;
import java.util.function.Consumer;

/** What there is of a call once its request's header has come. */
record Asked(RequestSide side, RequestLog log, Entry entry, Intake intake, Suspicion suspicion) {
    /**
     * Begins with a request.
     *
     * @param home where it is at home
     * @param later told at home what became of a request that waited
     */
    static Asked of(
            GatewayMessage message, BodyModes modes, CallHost home, GrpcStream stream, Consumer<Entry.Result> later) {
        var context = home.context();
        var settings = home.conditions().settings();
        var head = new RequestHead(message.fields(), message.isLast());
        var side = new RequestSide(head, modes, settings, stream);
        side.hear(message);
        String id = head.requestId();
        var log = new RequestLog(
                id == null ? context.newRequestId() : id,
                head.dialect().label(),
                head.method(),
                head.path(),
                context.nanoTime());
        log.trace = context.begun(head);
        var entry = new Entry(home, head, log, later);
        var suspicion = new Suspicion(context, log);
        return new Asked(side, log, entry, new Intake(context, settings, side, entry, log, suspicion), suspicion);
    }

    String path() {
        return side.head().path();
    }
}
