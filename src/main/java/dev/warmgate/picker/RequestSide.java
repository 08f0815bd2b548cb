package dev.warmgate.picker;

import dev.warmgate.dialect.ReadResult;
import dev.warmgate.dialect.RequestReader;
import dev.warmgate.door.RequestLog;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.HttpBody;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Trace;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The request of one call as it goes through the gateway's hands: what came of it, and what was answered to that.
 * Guarded by the monitor of its {@link PickerCall}.
 */
final class RequestSide {
    private final RequestHead head;
    private final BodyModes modes;
    private final PickerStream stream;
    private final BodyBuffer body;
    private boolean collects;
    private boolean read;
    private boolean trailers;
    private @Nullable Predicate<Endpoint> allowed;
    private @Nullable InferenceRequest inference;

    RequestSide(RequestHead head, BodyModes modes, PickerSettings settings, PickerStream stream) {
        this.head = head;
        this.modes = modes;
        this.stream = stream;
        this.body = new BodyBuffer(settings.maxBodyBytes());
        this.read = head.bodiless();
        this.collects = !read
                && head.understood()
                && modes.request() != BodySendMode.NONE
                && modes.request() != BodySendMode.STREAMED;
    }

    RequestHead head() {
        return head;
    }

    /**
     * Returns whether the body is read before an endpoint is chosen. Not where the gateway wants to know it before it
     * shows the body.
     */
    boolean readsBody() {
        return collects;
    }

    /** Gives up on a body that does not come. */
    void readNoBody() {
        collects = false;
    }

    /** Returns whether the last byte has come. */
    boolean isRead() {
        return read;
    }

    int length() {
        return body.length();
    }

    /** Notes what the gateway says beside the message. */
    void hear(ProcessingRequest message) {
        if (message.hasMetadataContext()) {
            var subset = Hints.subset(message.getMetadataContext());
            if (subset != null) {
                allowed = endpoint -> Destinations.isAmong(endpoint, subset);
            }
        }
    }

    /** Returns which endpoints the gateway allows; null for all. */
    @Nullable
    Predicate<Endpoint> allowed() {
        return allowed;
    }

    /** A gateway that collects the body itself sends it only after the header was answered. */
    void answerHeadersEarly() {
        if (BodyModes.buffered(modes.request())) {
            stream.send(Replies.REQUEST_HEADERS);
        }
    }

    /** Keeps a piece of the body; returns false if it is too large. */
    boolean collect(HttpBody piece) {
        read = piece.getEndOfStream() || BodyModes.buffered(modes.request());
        return body.add(piece.getBody());
    }

    /** Answers a piece of a body that is not read. */
    void pass(HttpBody piece) {
        read = piece.getEndOfStream();
        if (BodyModes.duplex(modes.request())) {
            Replies.requestBody(piece.getBody(), read, stream);
        } else {
            stream.send(Replies.REQUEST_BODY);
        }
    }

    void trailersCame() {
        read = true;
        trailers = true;
    }

    /** Scans the collected body; the prompt goes into the sink. */
    ReadResult read(RequestReader reader, PromptSink sink) {
        byte[] all = body.toArray();
        return reader.read(head.dialect(), all, 0, all.length, sink);
    }

    /** Returns what is routed; a conversation that the body does not name may be named by the header. */
    InferenceRequest inference(ReadResult.Understood understood, PromptBlocks prompt) {
        String session = understood.session() == null ? head.session() : understood.session();
        int output = head.dialect().isWithoutOutput() ? 0 : understood.maxOutputTokens();
        var wanted = new InferenceRequest(understood.model(), prompt, output, session).onlyTo(allowed);
        inference = wanted;
        return wanted;
    }

    /** Returns what is routed of a request of which only the model is known. */
    InferenceRequest inference(String model) {
        var wanted = new InferenceRequest(model, PromptBlocks.EMPTY, 0, null).onlyTo(allowed);
        inference = wanted;
        return wanted;
    }

    /** Books the request at the endpoint that the gateway really asked, whatever there is room for. */
    RouteResult servedBy(String address, Router router) {
        Predicate<Endpoint> only = endpoint -> Destinations.of(endpoint).equals(address);
        return inference == null ? router.routeByLoad(Set.of(), only) : router.route(inference.onlyTo(only), Set.of());
    }

    /**
     * Tells the gateway where the request goes, and gives back what was kept of it.
     *
     * @param destination where to, or null if the gateway may choose
     */
    void route(@Nullable String destination, RequestLog log) {
        var route = new Replies.Route(
                destination, head.requestId() == null ? log.requestId() : null, log.trace, -1, removed(log.trace));
        if (collects && BodyModes.buffered(modes.request())) {
            stream.send(Replies.routedByBody(route, null));
            return;
        }
        stream.send(Replies.routed(route));
        if (collects) {
            Replies.requestBody(body.pieces(), !trailers, stream);
            if (trailers) {
                stream.send(Replies.REQUEST_TRAILERS);
            }
        }
        body.release();
    }

    /** The state of a trace goes on with that trace only. */
    private List<String> removed(@Nullable Trace trace) {
        var controls = head.controls();
        if (trace == null || trace.parentSpanId() != null || head.get(PickerHeaders.TRACE_STATE) == null) {
            return controls;
        }
        var removed = new ArrayList<>(controls);
        removed.add(PickerHeaders.TRACE_STATE);
        return removed;
    }

    void release() {
        body.release();
    }
}
