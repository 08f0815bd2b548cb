package dev.warmgate.picker;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.UnsafeByteOperations;
import dev.warmgate.dialect.ApiError;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.picker.grpc.GrpcCall;
import dev.warmgate.picker.grpc.GrpcStatus;
import dev.warmgate.picker.grpc.GrpcStatus.Code;
import dev.warmgate.picker.grpc.GrpcStream;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request that a gateway asks about, from its header to the end of its answer.
 *
 * <p>{@link CallState} draws its states. {@link #end} is the only way to the last state, and passes once. All happens on the event loop of its connection.
 */
final class PickerCall implements GrpcCall {
    private static final Logger LOG = LoggerFactory.getLogger(PickerCall.class);

    /** A gateway must send this many bytes of a body, or all, within each time that it has for that. */
    private static final int PROGRESS = 64 << 10;

    private final PickerContext context;
    private final PickerContext.Conditions conditions;
    private final GrpcStream stream;

    private CallState state = CallState.NEW;
    private BodyModes modes = BodyModes.UNTOLD;
    private @Nullable Asked asked;
    private @Nullable Booking booking;
    private @Nullable AnswerWatch answer;

    /** Until when something has to come from the gateway, unless the request waits in a queue. */
    private long due;

    /** Bytes of the body when it last got more time; -1 before its first piece. */
    private long bytesAtLastProgress = -1;

    PickerCall(PickerContext context, GrpcStream stream) {
        this.context = context;
        this.conditions = context.conditions();
        this.stream = stream;
        expectWithin(timeouts().body());
        context.opened();
    }

    // ---- What the gateway does.

    @Override
    public void message(byte[] message) {
        try {
            handle(GatewayMessage.read(message));
        } catch (WireReader.Broken e) {
            end(Outcome.CLIENT_ERROR);
            stream.close(new GrpcStatus(Code.INTERNAL, "a message that is none of the protocol's: " + e.getMessage()));
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void halfClosed() {
        goOnWithoutUs(Outcome.CLIENT_GONE);
    }

    @Override
    public void cancelled() {
        goOnWithoutUs(Outcome.CLIENT_GONE);
    }

    private void handle(GatewayMessage message) {
        if (state == CallState.ENDED) {
            return;
        }
        if (message.observes()) {
            // Whoever wants no answers gets no endpoint either.
            goOnWithoutUs(Outcome.OK);
            return;
        }
        switch (message.part()) {
            case REQUEST_HEADERS -> requestHeaders(message);
            case REQUEST_BODY -> requestBody(message);
            case REQUEST_TRAILERS -> requestTrailers();
            case RESPONSE_HEADERS -> responseHeaders(message);
            case RESPONSE_BODY -> responseBody(message);
            case RESPONSE_TRAILERS -> responseTrailers();
            case NOTHING -> mistake("a message without any part of a request or an answer");
        }
    }

    // ---- The request comes in.

    private void requestHeaders(GatewayMessage message) {
        if (state != CallState.NEW) {
            mistake("the request's headers came twice");
            return;
        }
        var configuration = message.configuration();
        if (configuration != null) {
            modes = BodyModes.of(configuration);
        }
        var home = new CallHost(context, conditions, this::later);
        asked = Asked.of(message, modes, home, stream, this::entered);
        state = CallState.READING;
        expectWithin(modes.told() ? timeouts().body() : timeouts().firstBody());
        entered(asked.intake().begin());
    }

    private void requestBody(GatewayMessage message) {
        if (asked == null || asked.side().isRead()) {
            mistake("a piece of the request's body came " + (asked == null ? "before its headers" : "after its end"));
            return;
        }
        asked.side().hear(message);
        asked.log().bytesIn += message.body().size();
        noteProgress(asked.log().bytesIn);
        if (state == CallState.READING && asked.side().readsBody()) {
            entered(asked.intake().take(message));
        } else {
            asked.side().pass(message);
        }
    }

    private void noteProgress(long bytes) {
        if (bytesAtLastProgress < 0 || bytes - bytesAtLastProgress >= PROGRESS) {
            bytesAtLastProgress = bytes;
            expectWithin(
                    state == CallState.READING ? timeouts().body() : timeouts().firstByte());
        }
    }

    private void requestTrailers() {
        if (asked == null || asked.side().isRead()) {
            mistake("the request's trailers came " + (asked == null ? "before its headers" : "after its end"));
            return;
        }
        asked.side().trailersCame();
        if (state == CallState.READING && asked.side().readsBody()) {
            entered(asked.intake().ended());
        } else {
            stream.send(Replies.REQUEST_TRAILERS);
        }
    }

    // ---- It is let in, at once or later.

    private void entered(Entry.@Nullable Result result) {
        switch (result) {
            case null -> {} // more of it has to come
            case Entry.Goes goes -> place(goes);
            case Entry.Waits _ -> state = CallState.QUEUED; // until when is the router's business
            case Entry.Answered(var own) -> answer(own);
        }
    }

    private void place(Entry.Goes goes) {
        var booked = goes.reservation();
        state = CallState.PLACED;
        booking = new Booking(context, booked, asked().suspicion());
        asked().log().decision = booked.decision();
        asked().entry().sent();
        int fallbacks = conditions.settings().fallbacks();
        asked().side().route(Destinations.list(context.router(), booked, goes.allowed(), fallbacks), asked().log());
        expectWithin(timeouts().firstByte());
    }

    // ---- The answer passes.

    private void responseHeaders(GatewayMessage message) {
        if (answer != null || asked == null) {
            mistake("the answer's headers came " + (asked == null ? "before the request's" : "twice"));
            return;
        }
        if (state != CallState.PLACED) {
            // The gateway answered by itself before we did.
            stream.send(Replies.RESPONSE_HEADERS);
            goOnWithoutUs(Outcome.CLIENT_GONE);
            return;
        }
        booking().believe(Hints.served(message.metadata()), asked.side(), asked.log());
        state = CallState.ANSWERING;
        var watch = new AnswerWatch(message.fields(), asked.side().head());
        answer = watch;
        asked.log().status = watch.status();
        expectWithin(timeouts().idle());
        var fields = booking().tells(asked.entry().limits());
        if (conditions.settings().conformance()) {
            fields = Map.of(PickerHeaders.TEST_SERVED, Hints.servedForTest(message.metadata()));
        }
        stream.send(Replies.responseHeaders(fields));
        if (message.isLast()) {
            complete(watch);
        } else if (modes.response() == BodySendMode.NONE) {
            complete(watch);
            stream.close(GrpcStatus.OK); // trailers would be waited for
        }
    }

    private void responseBody(GatewayMessage message) {
        var watch = answer;
        if (watch == null || state != CallState.ANSWERING) {
            mistake("a piece of the answer's body came " + (watch == null ? "before its headers" : "after its end"));
            return;
        }
        var piece = message.body();
        if (!piece.isEmpty()) {
            expectWithin(timeouts().idle());
        }
        asked().log().bytesOut += piece.size();
        var over = watch.read(piece, booking().reservation(), asked().entry(), asked().log(), context.nanoTime());
        if (BodyModes.duplex(modes.response())) {
            Replies.responseBody(piece, message.isLast(), stream);
        } else {
            stream.send(Replies.RESPONSE_BODY);
        }
        if (over != null && !message.isLast()) {
            breakOff(watch, over, Refusals.QUOTA, Outcome.REFUSED);
        } else if (message.isLast()) {
            complete(watch);
        }
    }

    private void responseTrailers() {
        stream.send(Replies.RESPONSE_TRAILERS);
        if (answer != null && state == CallState.ANSWERING) {
            complete(answer);
        }
    }

    private void complete(AnswerWatch watch) {
        booking().answered(watch);
        end(watch.outcome());
    }

    /**
     * Ends an answer that may not go on. A stream is told so by an event where the gateway takes our bytes for the answer's;
     * of all others the gateway learns by an error, and resets them: with them the endpoint's work ends.
     */
    private void breakOff(AnswerWatch watch, ApiError why, @Nullable String refused, Outcome how) {
        asked().log().refused = refused;
        byte[] event = BodyModes.duplex(modes.response()) ? watch.ending(why) : null;
        if (event != null) {
            asked().log().bytesOut += event.length;
            Replies.responseBody(UnsafeByteOperations.unsafeWrap(event), true, stream);
        }
        end(how);
        if (event == null) {
            stream.close(new GrpcStatus(Code.ABORTED, why.message()));
        }
    }

    // ---- Answers of our own, and the way out.

    private void answer(Answer own) {
        var log = asked().log();
        log.status = own.status();
        if (conditions.settings().failOpen() && own.outcome() == Outcome.NO_ENDPOINT) {
            // The gateway may know somebody whom we do not.
            asked().side().route(null, log);
            goOnWithoutUs(own.outcome());
            return;
        }
        log.bytesOut += own.json().length;
        stream.send(
                Replies.immediate(own, log.requestId(), log.refused == null ? "warmgate" : "warmgate_" + log.refused));
        goOnWithoutUs(own.outcome());
    }

    /** Whatever the gateway still has of the request or of an answer passes without being shown to us. */
    private void goOnWithoutUs(Outcome how) {
        end(how);
        stream.close(GrpcStatus.OK);
    }

    /** The gateway does what the protocol does not allow; with an error it decides itself what becomes of the request. */
    private void mistake(String what) {
        end(Outcome.CLIENT_ERROR);
        stream.close(new GrpcStatus(Code.INVALID_ARGUMENT, what));
    }

    private void failed(RuntimeException cause) {
        String id = asked == null ? "without headers" : asked.log().requestId();
        LOG.warn("Request {} failed by our own fault", id, cause);
        end(Outcome.GATEWAY_ERROR);
        stream.close(new GrpcStatus(Code.INTERNAL, "the picker's log says why"));
    }

    /** Looks whether the gateway, or the request's own deadline, is waited for too long. */
    @Override
    public void tick(long now) {
        try {
            if ((state == CallState.PLACED || state == CallState.ANSWERING)
                    && asked().entry().late()) {
                late();
            } else if (now - due > 0) {
                overdue();
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void late() {
        asked().log().refused = Refusals.LATE;
        if (answer == null) {
            answer(Answer.of(Refusals.late(), asked().path()));
        } else {
            breakOff(answer, Refusals.late(), Refusals.LATE, Outcome.REFUSED);
        }
    }

    private void overdue() {
        switch (state) {
            case NEW -> mistake("no headers came");
            case READING -> entered(asked().intake().tooSlow(!modes.told()));
            case PLACED -> {
                booking().failed(FailureKind.STALL);
                answer(Answer.of(Refusals.tooLate(), asked().path()));
            }
            case ANSWERING -> {
                booking().failed(FailureKind.STALL);
                var why = Refusals.cutOff(FailureKind.STALL);
                breakOff(requireNonNull(answer), why, null, Outcome.ENDPOINT_ERROR);
            }
            case QUEUED, ENDED -> {}
        }
    }

    private void expectWithin(Duration wait) {
        due = context.nanoTime() + wait.toNanos();
    }

    private void end(Outcome how) {
        if (state == CallState.ENDED) {
            return;
        }
        state = CallState.ENDED;
        context.closed();
        if (asked == null) {
            return;
        }
        var log = asked.log();
        var usage = answer == null ? Usage.UNKNOWN : answer.usage();
        if (booking != null) {
            if (how == Outcome.CLIENT_GONE && answer != null && answer.isStream()) {
                booking.cut();
            }
            if (conditions.access().quotas().countGpuTime()) {
                log.workSeconds = booking.workSeconds(usage);
            }
            booking.settle(usage);
        }
        asked.entry().leave(answer == null ? Usage.UNKNOWN : answer.used());
        asked.side().release();
        context.ended(log.report(how, usage, context.nanoTime()));
    }

    private Asked asked() {
        return requireNonNull(asked, "asked");
    }

    private Booking booking() {
        return requireNonNull(booking, "booking");
    }

    private PickerTimeouts timeouts() {
        return conditions.settings().timeouts();
    }

    /** Runs something later on the call's event loop. Any thread. */
    void later(Runnable task) {
        stream.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                failed(e);
            }
        });
    }
}
