package dev.warmgate.picker;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.HttpBody;
import dev.warmgate.picker.proto.HttpHeaders;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request that a gateway asks about, from its header to the end of its answer.
 *
 * <pre>
 *   NEW ──header──▶ READING ──whole body──▶ QUEUED ──room──▶ PLACED ──answer's header──▶ ANSWERING
 *                      │        └──────────── room ────────────▲ │                            │
 *                      └── by load: no body, or not ours to read ┘                            │
 *   any state ── answer's end, refusal, cancel, close, mistake of the gateway's ──────────▶ ENDED
 * </pre>
 *
 * <p>{@link #end} is the only way to the last state, and passes once. All is guarded by this object's monitor.
 */
final class PickerCall extends ServerCall.Listener<ProcessingRequest> {
    private enum State {
        NEW,
        READING,
        QUEUED,
        PLACED,
        ANSWERING,
        ENDED
    }

    private static final Logger LOG = LoggerFactory.getLogger(PickerCall.class);

    private final PickerContext context;
    private final PickerContext.Conditions conditions;
    private final PickerStream stream;

    private State state = State.NEW;
    private BodyModes modes = BodyModes.UNTOLD;
    private @Nullable RequestSide request;
    private @Nullable Entry entry;
    private @Nullable RequestLog log;
    private @Nullable Intake intake;
    private @Nullable Booking booking;
    private @Nullable AnswerWatch answer;

    /** Until when something has to come from the gateway; only in NEW and READING. */
    private long due;

    PickerCall(PickerContext context, ServerCall<ProcessingRequest, ProcessingResponse> call) {
        this.context = context;
        this.conditions = context.conditions();
        this.stream = new PickerStream(call);
        expectWithin(conditions.settings().bodyTimeout());
    }

    synchronized void begin() {
        context.opened(this);
        stream.readOn();
    }

    // ---- What the gateway does.

    @Override
    public synchronized void onMessage(ProcessingRequest message) {
        try {
            handle(message);
        } catch (RuntimeException e) {
            failed(e);
        }
        stream.readOn();
    }

    @Override
    public synchronized void onReady() {
        stream.ready();
    }

    @Override
    public synchronized void onHalfClose() {
        end(Outcome.CLIENT_GONE);
        stream.close(Status.OK);
    }

    @Override
    public synchronized void onCancel() {
        stream.gone();
        end(Outcome.CLIENT_GONE);
    }

    @Override
    public synchronized void onComplete() {
        stream.gone();
        end(Outcome.CLIENT_GONE);
    }

    private void handle(ProcessingRequest message) {
        if (state == State.ENDED) {
            return;
        }
        if (message.getObservabilityMode()) {
            // Whoever wants no answers gets no endpoint either.
            end(Outcome.OK);
            stream.close(Status.OK);
            return;
        }
        switch (message.getRequestCase()) {
            case REQUEST_HEADERS -> requestHeaders(message);
            case REQUEST_BODY -> requestBody(message);
            case REQUEST_TRAILERS -> requestTrailers();
            case RESPONSE_HEADERS -> responseHeaders(message);
            case RESPONSE_BODY -> responseBody(message.getResponseBody());
            case RESPONSE_TRAILERS -> responseTrailers();
            case REQUEST_NOT_SET -> mistake("a message without any part of a request or an answer");
        }
    }

    // ---- The request comes in.

    private void requestHeaders(ProcessingRequest message) {
        if (state != State.NEW) {
            mistake("the request's headers came twice");
            return;
        }
        if (message.hasProtocolConfig()) {
            modes = BodyModes.of(message.getProtocolConfig());
        }
        var head = new RequestHead(message.getRequestHeaders());
        var side = new RequestSide(head, modes, conditions.settings(), stream);
        request = side;
        side.hear(message);
        String id = head.requestId();
        var notes = new RequestLog(
                id == null ? context.newRequestId() : id,
                head.dialect().label(),
                head.method(),
                head.path(),
                context.nanoTime());
        notes.trace = context.begun(head);
        log = notes;
        entry = new Entry(new CallHost(context, conditions, this::later), head, notes, this::entered);
        state = State.READING;
        intake = new Intake(context, conditions.settings(), side, entry, notes);
        expectWithin(
                modes.told()
                        ? conditions.settings().bodyTimeout()
                        : conditions.settings().firstBodyTimeout());
        proceed(intake.begin());
    }

    private void requestBody(ProcessingRequest message) {
        var body = message.getRequestBody();
        var side = request;
        if (side == null || side.isRead()) {
            mistake("a piece of the request's body came " + (side == null ? "before its headers" : "after its end"));
            return;
        }
        side.hear(message);
        log().bytesIn += body.getBody().size();
        if (state == State.READING && side.readsBody()) {
            expectWithin(conditions.settings().bodyTimeout());
            proceed(intake().take(body));
        } else {
            side.pass(body);
        }
    }

    private void requestTrailers() {
        var side = request;
        if (side == null || side.isRead()) {
            mistake("the request's trailers came " + (side == null ? "before its headers" : "after its end"));
            return;
        }
        side.trailersCame();
        if (state == State.READING && side.readsBody()) {
            proceed(intake().ended());
        } else {
            stream.send(Replies.REQUEST_TRAILERS);
        }
    }

    private void proceed(Entry.@Nullable Result result) {
        if (result != null) {
            entered(result);
        }
    }

    // ---- It is let in, at once or later.

    private void entered(Entry.Result result) {
        switch (result) {
            case Entry.Goes goes -> place(goes);
            case Entry.Waits _ -> state = State.QUEUED; // until when is the router's business
            case Entry.Answered(var own) -> answer(own);
        }
    }

    private void place(Entry.Goes goes) {
        var booked = goes.reservation();
        state = State.PLACED;
        booking = new Booking(context, booked);
        log().decision = booked.decision();
        entry().sent();
        request().route(destination(goes), log());
    }

    private String destination(Entry.Goes goes) {
        return Destinations.list(
                context.router(),
                goes.reservation(),
                goes.allowed(),
                conditions.settings().fallbacks());
    }

    // ---- The answer passes.

    private void responseHeaders(ProcessingRequest message) {
        if (answer != null || request == null) {
            mistake("the answer's headers came " + (request == null ? "before the request's" : "twice"));
            return;
        }
        HttpHeaders head = message.getResponseHeaders();
        if (state != State.PLACED) {
            // The gateway answered by itself before we did.
            stream.send(Replies.RESPONSE_HEADERS);
            end(Outcome.CLIENT_GONE);
            return;
        }
        booking().believe(Hints.served(message.getMetadataContext()), request(), log());
        state = State.ANSWERING;
        var watch = new AnswerWatch(head, request().head());
        answer = watch;
        log().status = watch.status();
        stream.send(Replies.responseHeaders(booking().tells()));
        if (head.getEndOfStream() || modes.response() == BodySendMode.NONE) {
            complete(watch);
        }
    }

    private void responseBody(HttpBody body) {
        var watch = answer;
        if (watch == null || state != State.ANSWERING) {
            mistake("a piece of the answer's body came " + (watch == null ? "before its headers" : "after its end"));
            return;
        }
        var piece = body.getBody();
        log().bytesOut += piece.size();
        watch.read(piece, booking().reservation(), entry(), log(), context.nanoTime());
        if (BodyModes.duplex(modes.response())) {
            Replies.responseBody(piece, body.getEndOfStream(), stream);
        } else {
            stream.send(Replies.RESPONSE_BODY);
        }
        if (body.getEndOfStream()) {
            complete(watch);
        }
    }

    private void responseTrailers() {
        stream.send(Replies.RESPONSE_TRAILERS);
        if (answer != null && state == State.ANSWERING) {
            complete(answer);
        }
    }

    private void complete(AnswerWatch watch) {
        booking().answered(watch.status());
        end(watch.outcome());
    }

    // ---- Answers of our own, and the way out.

    private void answer(Answer own) {
        var side = request();
        if (conditions.settings().failOpen() && own.outcome() == Outcome.NO_ENDPOINT && state != State.ANSWERING) {
            // The gateway may know somebody whom we do not.
            side.route(null, log());
            log().status = own.status();
            end(own.outcome());
            return;
        }
        log().status = own.status();
        stream.send(Replies.immediate(own, log().requestId(), details()));
        end(own.outcome());
        stream.close(Status.OK);
    }

    private String details() {
        return log().refused == null ? "warmgate" : "warmgate_" + log().refused;
    }

    /** The gateway does what the protocol does not allow; with an error it decides itself what becomes of the request. */
    private void mistake(String what) {
        end(Outcome.CLIENT_ERROR);
        stream.close(Status.INVALID_ARGUMENT.withDescription(what));
    }

    private void failed(RuntimeException cause) {
        LOG.warn("Request {} failed by our own fault", log == null ? "without headers" : log().requestId(), cause);
        end(Outcome.GATEWAY_ERROR);
        stream.close(Status.INTERNAL.withDescription("the picker's log says why"));
    }

    /** Looks whether the gateway, or the request's own deadline, is waited for too long. */
    synchronized void tick(long now) {
        try {
            switch (state) {
                case NEW -> {
                    if (now - due > 0) {
                        mistake("no headers came");
                    }
                }
                case READING -> {
                    if (now - due > 0) {
                        entered(intake().tooSlow(!modes.told()));
                    }
                }
                case PLACED -> {
                    if (entry().late()) {
                        log().refused = Refusals.LATE;
                        answer(Answer.of(Refusals.late(), request().head().path()));
                    }
                }
                case QUEUED, ANSWERING, ENDED -> {}
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void expectWithin(Duration wait) {
        due = context.nanoTime() + wait.toNanos();
    }

    private void end(Outcome how) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        context.closed(this);
        var usage = answer == null ? Usage.UNKNOWN : answer.usage();
        if (booking != null) {
            var booked = booking.reservation();
            if (booked != null && conditions.access().quotas().countGpuTime()) {
                log().workSeconds = booked.workSeconds(usage);
            }
            booking.settle(usage);
        }
        if (entry != null) {
            entry.leave(answer == null ? Usage.UNKNOWN : answer.used());
        }
        if (request != null) {
            request.release();
        }
        if (log != null) {
            context.ended(log.report(how, usage, context.nanoTime()));
        }
    }

    private RequestSide request() {
        return requireNonNull(request, "request");
    }

    private Intake intake() {
        return requireNonNull(intake, "intake");
    }

    private Entry entry() {
        return requireNonNull(entry, "entry");
    }

    private Booking booking() {
        return requireNonNull(booking, "booking");
    }

    private RequestLog log() {
        return requireNonNull(log, "log");
    }

    /** Runs something later under this monitor. Any thread. */
    void later(Runnable task) {
        context.executor().execute(() -> {
            synchronized (this) {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    failed(e);
                }
            }
        });
    }
}
