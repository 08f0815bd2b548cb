package dev.warmgate.proxy;

import static dev.warmgate.proxy.ExchangeState.ASKING;
import static dev.warmgate.proxy.ExchangeState.CONNECTING;
import static dev.warmgate.proxy.ExchangeState.DELIVERING;
import static dev.warmgate.proxy.ExchangeState.ENDED;
import static dev.warmgate.proxy.ExchangeState.QUEUED;
import static dev.warmgate.proxy.ExchangeState.READING;
import static dev.warmgate.proxy.ExchangeState.STREAMING;
import static dev.warmgate.proxy.ExchangeState.WAITING;
import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.proxy.front.ClientListener;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its header to the last byte of its answer: the machine whose states are {@link ExchangeState}.
 *
 * <p>{@link #end} is the only way to its last state, and passes once: it closes the connection to the engine if there
 * still is one, settles, releases and reports.
 *
 * <p>A request that is understood is read whole, routed by its prompt, and can be sent again; any other is routed by
 * load at once and its body streams through. What comes from an engine comes through {@link UsageQuestion}.
 */
final class Exchange implements ClientListener, ChannelFutureListener {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Worker worker;
    private final ClientStream client;
    private final ProxySettings settings;
    private final ClientRequest request;
    private final RequestLog log;
    private final Entry entry;
    private final Intake intake;
    private final Placement placement;
    private final Setback setback;
    private final Upload upload;
    private final Delivery delivery;
    private final UsageQuestion question;
    private ExchangeState state = READING;
    private @Nullable EngineAnswer answer;

    Exchange(Worker worker, ClientStream client, HttpRequest head) {
        this.worker = worker;
        this.client = client;
        this.settings = worker.settings();
        this.request = new ClientRequest(head, client.alloc(), settings);
        this.log = request.newLog(worker, client.channel());
        var suspicion = new Suspicion(worker, request, log);
        this.placement = new Placement(worker, log, suspicion);
        this.setback = new Setback(worker, this, request, log, placement, suspicion);
        this.delivery = new Delivery(worker, client, request, log);
        this.entry = new Entry(worker, request, log, this::decided);
        this.question = new UsageQuestion(this, worker, request, placement);
        this.intake = new Intake(worker, client, request, log, entry, suspicion);
        this.upload = new Upload(client, settings, request, placement, entry, intake);
    }

    @Override
    public void begin() {
        worker.begun();
        client.deadline().in(settings.requestReadTimeout());
        entered(intake.begin());
    }

    @Override
    public void requestContent(HttpContent content) {
        if (content.decoderResult().isFailure() && state != DELIVERING) {
            content.release();
            giveUp(RequestCheck.brokenFraming(), Outcome.CLIENT_ERROR);
            return;
        }
        log.bytesIn += content.content().readableBytes();
        if (content instanceof LastHttpContent) {
            request.markRead();
            log.requestRead(worker.nanoTime());
        }
        switch (state) {
            case READING -> {
                try {
                    entered(intake.read(content.content()));
                } finally {
                    content.release();
                }
            }
            case WAITING, STREAMING -> upload.forward(content, state == WAITING);
            case QUEUED, CONNECTING, ASKING, DELIVERING, ENDED -> content.release();
        }
    }

    @Override
    public void requestReadComplete() {
        if (state == WAITING || state == STREAMING) {
            upload.readComplete();
        }
    }

    // ---- It is let in, at once or later.

    private void entered(Entry.@Nullable Result result) {
        switch (result) {
            case null -> {} // more of the body has to come
            case Entry.Goes goes -> {
                boolean keyed = entry.access().tenancy().hasKeys();
                request.prepare(log.requestId(), client.channel(), worker, !keyed);
                setback.take(goes);
            }
            case Entry.Waits _ -> {
                // Until when it may wait is the router's business.
                state = QUEUED;
                client.deadline().clear();
            }
            case Entry.Answered(var answer) -> answer(answer);
        }
    }

    private void decided(Entry.Result result) {
        try {
            entered(result);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    // ---- An endpoint is asked, and answers or fails.

    /** A request that cannot be repeated does not risk a waiting connection that the engine may have closed. */
    void attempt() {
        connect(!request.repeatable());
    }

    void connect(boolean fresh) {
        state = CONNECTING;
        if (placement.connect(question, fresh, request.webSocket()).isConnected()) {
            connected();
        } else {
            within(settings.connectTimeout());
            client.hold(!request.understood() && !request.bodiless() && !request.isRead());
        }
    }

    void connected() {
        // Writing may fail, and lead back into this class, before it returns: it comes last.
        state = WAITING;
        entry.sent();
        upload.begin();
    }

    void upstreamWritable(boolean writable) {
        upload.engineWritable(writable, state == WAITING);
    }

    void connectFailed() {
        setback.connectFailed();
    }

    void connectionLost(boolean stale) {
        if (state == STREAMING) {
            cutOff(FailureKind.RESET);
        } else {
            setback.lost(stale);
        }
    }

    /** The endpoint that broke the connection is being asked whether it died, or another one is looked for. */
    void asking() {
        state = ASKING;
        within(settings.connectTimeout());
    }

    boolean isAsking() {
        return state == ASKING;
    }

    void responseHead(HttpResponse head) {
        if (setback.passes(head)) {
            return;
        }
        state = STREAMING;
        if (head.status().code() == 101) {
            WebSocket.begin(head, this, worker, client, request, placement, entry, delivery, log);
            return;
        }
        within(delivery.patience(settings));
        if (request.isSent()) {
            request.release();
        }
        placement.reservation().tells().forEach(head.headers()::set);
        answer = delivery.begin(head, entry);
    }

    void responseContent(HttpContent content) {
        var passing = requireNonNull(answer);
        var now = passing.read(content, placement, entry, log, worker.nanoTime());
        log.bytesOut += now.content().readableBytes();
        if (now instanceof LastHttpContent last) {
            if (passing.brokenOff()) {
                last.release();
                cutOff(FailureKind.RESET);
                return;
            }
            placement.complete(passing, request.isSent());
            delivering();
            delivery.end(last, passing, this);
        } else {
            client.write(now);
            var spent = passing.spent(entry);
            if (spent != null && passing.takesEvent()) {
                endEarly(spent, Refusals.QUOTA);
            }
        }
    }

    void responseReadComplete() {
        if (state == STREAMING) {
            client.flush();
        }
    }

    /** While the client takes nothing the engine is not read either. */
    @Override
    public void clientWritable(boolean writable) {
        if (state == STREAMING) {
            if (answer != null) {
                answer.heard(worker.nanoTime());
            }
            within(delivery.patience(settings));
            placement.connection().read(writable);
        }
    }

    /** The engine failed inside its answer: the client gets what came, and hears that it is not all. */
    private void cutOff(FailureKind kind) {
        setback.insideAnswer(kind, usage());
        delivering();
        delivery.cutOff(requireNonNull(answer), Refusals.cutOff(kind), Outcome.ENDPOINT_ERROR, this);
    }

    /** The answer may not go on, which is no fault of the endpoint's. */
    private void endEarly(ApiError error, String why) {
        log.refused = why;
        var cut = requireNonNull(answer);
        placement.leave(usage());
        delivering();
        delivery.endEarly(cut, error, this);
    }

    // ---- Answers of our own, and the way out.

    private void answer(ApiError error) {
        answer(Answer.of(error, request.path()));
    }

    /** Gives an answer of our own, after the rest of a small request so that the connection can go on. */
    void answer(Answer own) {
        if (state != READING || !intake.holds(own)) {
            answerNow(own);
        }
    }

    private void answerNow(Answer own) {
        delivering();
        delivery.own(own.with(entry.limits()), this);
    }

    private void delivering() {
        state = DELIVERING;
        client.deadline().in(settings.front().limits().writeTimeout());
    }

    /** All of the answer has left for the client, or failed to. */
    @Override
    public void operationComplete(ChannelFuture written) {
        if (written.isSuccess()) {
            end(delivery.outcome());
        } else {
            clientGone();
        }
    }

    private void within(Duration limit) {
        client.deadline().in(entry.within(limit));
    }

    @Override
    public void deadlinePassed() {
        if (entry.late() && state.isAtEndpoint()) {
            late();
            return;
        }
        switch (state) {
            case READING -> {
                delivery.endConnection();
                answerNow(intake.tooSlow());
            }
            case CONNECTING -> setback.failed(FailureKind.CONNECT);
            case ASKING -> setback.unanswered();
            case WAITING -> {
                if (!request.isRead() && placement.connection().isWritable()) {
                    placement.leave(usage());
                    answer(RequestCheck.tooSlow(settings));
                } else {
                    setback.failed(FailureKind.STALL);
                }
            }
            case STREAMING -> {
                var left = requireNonNull(answer).left(delivery.patience(settings), worker.nanoTime());
                if (left.isPositive()) {
                    within(left);
                } else if (client.isWritable()) {
                    cutOff(FailureKind.STALL);
                } else {
                    client.abandon();
                }
            }
            case DELIVERING -> client.abandon();
            case QUEUED, ENDED -> {}
        }
    }

    /** The request's own deadline passed while an endpoint had it. */
    private void late() {
        if (state == STREAMING) {
            endEarly(Refusals.late(), Refusals.LATE);
        } else {
            log.refused = Refusals.LATE;
            placement.leave(usage());
            answer(Refusals.late());
        }
    }

    @Override
    public void clientGone() {
        delivery.endConnection();
        end(Outcome.CLIENT_GONE);
    }

    @Override
    public void failed(Throwable cause) {
        LOG.warn("Request {} failed by our own fault", log.requestId(), cause);
        giveUp(RequestCheck.internal(), Outcome.GATEWAY_ERROR);
    }

    /** Ends a request that cannot go on: by an error, or if an answer has begun, by breaking that off. */
    private void giveUp(ApiError error, Outcome ifAnswerBegan) {
        switch (state) {
            case READING, QUEUED, CONNECTING, ASKING, WAITING -> {
                delivery.endConnection();
                placement.leave(usage());
                entry.leave(Usage.UNKNOWN);
                answerNow(Answer.of(error, request.path()));
            }
            case STREAMING, DELIVERING -> {
                delivery.breakConnection();
                end(ifAnswerBegan);
            }
            case ENDED -> {}
        }
    }

    private Usage usage() {
        return answer == null ? Usage.UNKNOWN : answer.usage();
    }

    void end(Outcome how) {
        if (state == ENDED) {
            return;
        }
        state = ENDED;
        intake.end();
        placement.leave(usage());
        entry.leave(answer == null ? Usage.UNKNOWN : answer.used());
        request.release();
        if (answer != null) {
            answer.release();
        }
        question.drop();
        worker.ended(log.report(how, EngineAnswer.reported(answer, log.decision), worker.nanoTime()));
        client.ended(delivery.after());
    }
}
