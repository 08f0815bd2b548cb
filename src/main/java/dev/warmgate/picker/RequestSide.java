package dev.warmgate.picker;

import dev.warmgate.dialect.BodyEdit;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.FormModel;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.dialect.RequestReader;
import dev.warmgate.door.RequestLog;
import dev.warmgate.picker.grpc.GrpcStream;
import dev.warmgate.picker.proto.BodySendMode;
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
 * On the event loop of its {@link PickerCall}.
 */
final class RequestSide {
    /** In how much of a form its model is looked for, in bytes: more of it, mostly a file, is not held. */
    private static final int FORM_BEGINNING = 256 << 10;

    private final RequestHead head;
    private final BodyModes modes;
    private final GrpcStream stream;
    private final BodyBuffer body;
    /** The search for the model of a form, the rest of which streams through; null if the body is none. */
    private final @Nullable FormModel form;

    /** The request itself names its endpoints, as the conformance suite does. */
    private final boolean pinned;

    private boolean collects;
    private boolean changed;
    private boolean read;
    private boolean trailers;
    private @Nullable Predicate<Endpoint> allowed;
    private @Nullable InferenceRequest inference;

    RequestSide(RequestHead head, BodyModes modes, PickerSettings settings, GrpcStream stream) {
        this.head = head;
        this.modes = modes;
        this.stream = stream;
        this.body = new BodyBuffer(settings.maxBodyBytes());
        String selection = settings.conformance() ? head.get(PickerHeaders.TEST_SELECTION) : null;
        this.pinned = selection != null;
        if (selection != null) {
            var named = Hints.addresses(selection);
            allowed = endpoint -> Destinations.isAmong(endpoint, named);
        }
        this.read = head.bodiless();
        boolean shown = !read && modes.request() != BodySendMode.NONE && modes.request() != BodySendMode.STREAMED;
        this.form =
                shown && head.dialect() == Dialect.UPLOAD ? FormModel.of(head.get(PickerHeaders.CONTENT_TYPE)) : null;
        this.collects = shown && (head.understood() || form != null);
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
    void hear(GatewayMessage message) {
        if (message.hasMetadata() && !pinned) {
            var subset = Hints.subset(message.metadata());
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

    /** Allows other endpoints than the gateway does. */
    void allow(@Nullable Predicate<Endpoint> among) {
        allowed = among;
    }

    /** A gateway that collects the body itself sends it only after the header was answered. */
    void answerHeadersEarly() {
        if (BodyModes.buffered(modes.request())) {
            stream.send(Replies.REQUEST_HEADERS);
        }
    }

    /** Returns whether the body is a form, which is read up to its model only. */
    boolean isForm() {
        return form != null;
    }

    /** Returns whether the model of the form is found, or need not be looked for any more. */
    boolean formDecided() {
        byte[] beginning = body.beginning(FORM_BEGINNING);
        return (form != null && form.find(beginning, 0, beginning.length)) || read || body.length() >= FORM_BEGINNING;
    }

    /** Returns the model of the form, or null if it is not at its beginning. */
    @Nullable
    String formModel() {
        return form == null ? null : form.model();
    }

    /** Changes the collected body. */
    void change(BodyEdit edit) {
        body.change(edit);
        changed = true;
    }

    /** Keeps a piece of the body; returns false if it is too large. */
    boolean collect(GatewayMessage piece) {
        read = piece.isLast() || BodyModes.buffered(modes.request());
        return body.add(piece.body());
    }

    /** Answers a piece of a body that is not read. */
    void pass(GatewayMessage piece) {
        read = piece.isLast();
        if (BodyModes.duplex(modes.request())) {
            Replies.requestBody(piece.body(), read, stream);
        } else {
            stream.send(Replies.REQUEST_BODY);
        }
    }

    void trailersCame() {
        read = true;
        trailers = true;
    }

    /** Returns a copy of the collected body. */
    byte[] whole() {
        return body.toArray();
    }

    /** Scans the collected body; the prompt goes into the sink. */
    ReadResult read(byte[] all, RequestReader reader, PromptSink sink) {
        return reader.read(head.dialect(), all, 0, all.length, sink);
    }

    /** Returns what is routed. */
    InferenceRequest inference(String model, ReadResult.Understood understood, PromptBlocks prompt) {
        int output = head.dialect().isWithoutOutput() ? 0 : understood.maxOutputTokens();
        var wanted = new InferenceRequest(model, prompt, output, session(understood))
                .streamed(understood.stream())
                .onlyTo(allowed);
        inference = wanted;
        return wanted;
    }

    /** Returns the client's name for the conversation: one that the body does not tell may be told by the header. */
    @Nullable
    String session(ReadResult.Understood understood) {
        return understood.session() == null ? head.session() : understood.session();
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
        var routed = inference == null ? null : router.route(inference.onlyTo(only), Set.of());
        return routed instanceof RouteResult.Routed ? routed : router.bookByLoad(only);
    }

    /**
     * Tells the gateway where the request goes, and gives back what was kept of it.
     *
     * @param destination where to, or null if the gateway may choose
     */
    void route(@Nullable String destination, RequestLog log) {
        var route = new Replies.Route(
                destination,
                head.requestId() == null ? log.requestId() : null,
                log.trace,
                changed ? body.length() : -1,
                removed(log.trace));
        if (collects && BodyModes.buffered(modes.request())) {
            stream.send(Replies.routedByBody(route, changed ? body.pieces().getFirst() : null));
            body.release();
            return;
        }
        stream.send(Replies.routed(route));
        if (collects) {
            Replies.requestBody(body.pieces(), read && !trailers, stream);
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
