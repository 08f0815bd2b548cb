package dev.warmgate.proxy;

import static dev.warmgate.proxy.ExchangeState.CONNECTING;
import static dev.warmgate.proxy.ExchangeState.DELIVERING;
import static dev.warmgate.proxy.ExchangeState.ENDED;
import static dev.warmgate.proxy.ExchangeState.READING;
import static dev.warmgate.proxy.ExchangeState.STREAMING;
import static dev.warmgate.proxy.ExchangeState.WAITING;
import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
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
 * load at once and its body streams through.
 */
final class Exchange implements UpstreamListener, ChannelFutureListener {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Worker worker;
    private final FrontHandler front;
    private final ProxySettings settings;
    private final ClientRequest request;
    private final ExchangeLog log;
    private final Placement placement;
    private final Delivery delivery;

    private ExchangeState state = READING;
    private long bytesAtLastProgress;
    private @Nullable Answer refusal;

    private @Nullable EngineAnswer answer;

    Exchange(Worker worker, FrontHandler front, HttpRequest head) {
        this.worker = worker;
        this.front = front;
        this.settings = worker.settings();
        this.request = new ClientRequest(head, front.channel().alloc(), settings);
        this.log = new ExchangeLog(request, worker);
        this.placement = new Placement(worker, log);
        this.delivery = new Delivery(worker, front, request, log);
    }

    // ---- The request comes in.

    void begin() {
        front.deadline().in(settings.requestReadTimeout());
        var refused = RequestCheck.check(request, settings);
        if (refused != null) {
            answer(refused);
        } else if (request.path().equals(RequestCheck.MODELS)) {
            answer(Answer.ok(worker.modelList()));
        } else {
            if (HttpUtil.is100ContinueExpected(request.head())) {
                front.sendContinue();
            }
            if (!request.understood()) {
                route(null);
            }
        }
    }

    /** Takes content of the request, now this exchange's to release. */
    void requestContent(HttpContent content) {
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
                    read(content.content());
                } finally {
                    content.release();
                }
            }
            case WAITING, STREAMING -> forward(content);
            case CONNECTING, DELIVERING, ENDED -> content.release();
        }
    }

    private void read(ByteBuf bytes) {
        if (refusal != null) {
            if (request.isRead() || log.bytesIn > RequestCheck.DISCARDED_AT_MOST) {
                answer(refusal);
            }
        } else if (!request.body().add(bytes)) {
            answer(RequestCheck.tooLarge(settings));
        } else if (request.isRead()) {
            understand();
        } else {
            noteProgress();
        }
    }

    private void understand() {
        switch (request.read(worker.reader(), worker.hasher())) {
            case ReadResult.Refused(var error) -> answer(error);
            case ReadResult.Understood understood -> {
                log.model = understood.model();
                log.stream = understood.stream();
                route(request.inference(understood, worker.hasher().finish()));
            }
        }
    }

    private void forward(HttpContent content) {
        if (!(content instanceof LastHttpContent)) {
            noteProgress();
        } else if (state == WAITING) {
            front.deadline().in(settings.firstByteTimeout());
        }
        request.forward(placement.connection(), content);
    }

    private void noteProgress() {
        if (state != STREAMING && log.bytesIn - bytesAtLastProgress >= RequestCheck.PROGRESS) {
            bytesAtLastProgress = log.bytesIn;
            front.deadline().in(settings.requestReadTimeout());
        }
    }

    void requestReadComplete() {
        if (!request.isSent() && (state == WAITING || state == STREAMING)) {
            placement.connection().flush();
        }
    }

    // ---- An endpoint is chosen and asked, and answers or fails.

    private void route(@Nullable InferenceRequest understood) {
        request.prepare(log.requestId());
        switch (placement.route(understood)) {
            case RouteResult.Routed _ -> attempt();
            case RouteResult.UnknownModel unknown ->
                answer(RequestCheck.unknownModel(unknown.model(), unknown.served()));
            case RouteResult.Unavailable none -> answer(RequestCheck.unavailable(none, request.path()));
            case RouteResult.Queued _, RouteResult.Refused _ ->
                throw new IllegalStateException("queued without a waiter");
        }
    }

    private void attempt() {
        // A request that cannot be repeated does not risk a waiting connection that the engine may have closed.
        connect(!request.repeatable());
    }

    private void connect(boolean fresh) {
        state = CONNECTING;
        front.deadline().in(settings.connectTimeout());
        if (placement.connect(this, fresh).isConnected()) {
            connected();
        } else {
            front.hold(!request.understood() && !request.bodiless());
        }
    }

    @Override
    public void connected() {
        // Writing may fail, and lead back into this class, before it returns: it comes last.
        state = WAITING;
        boolean whole = request.understood() || request.isRead();
        front.deadline().in(whole ? settings.firstByteTimeout() : settings.requestReadTimeout());
        var engine = placement.connection();
        request.send(engine);
        if (!whole) {
            front.hold(!engine.isWritable());
        }
    }

    @Override
    public void upstreamWritable(boolean writable) {
        if (request.isSent() || !placement.connected()) {
            return;
        }
        if (!request.understood()) {
            if (state == WAITING) {
                // While the engine takes nothing it is the engine that is waited for, and not the client.
                front.deadline().in(writable ? settings.requestReadTimeout() : settings.firstByteTimeout());
            }
            front.hold(!writable);
        } else if (writable) {
            request.sendMore(placement.connection());
        }
    }

    @Override
    public void connectFailed() {
        attemptFailed(FailureKind.CONNECT);
    }

    @Override
    public void connectionLost(boolean stale) {
        if (state == STREAMING) {
            cutOff(FailureKind.RESET);
        } else if (stale) {
            connect(true);
        } else {
            attemptFailed(FailureKind.RESET);
        }
    }

    private void attemptFailed(FailureKind kind) {
        var failed = placement.reservation();
        placement.failed(kind, Usage.UNKNOWN);
        var retryAfter = Duration.ofSeconds(1);
        boolean mayRepeat = kind == FailureKind.CONNECT || request.repeatable();
        if (mayRepeat && log.retries < settings.maxRetries()) {
            switch (placement.routeElsewhere(failed, kind)) {
                case RouteResult.Routed _ -> {
                    attempt();
                    return;
                }
                case RouteResult.Unavailable none -> retryAfter = none.retryAfter();
                case RouteResult.UnknownModel _, RouteResult.Queued _, RouteResult.Refused _ -> {}
            }
        }
        answer(RequestCheck.failed(kind, log.retries + 1, request.path(), retryAfter));
    }

    @Override
    public void responseHead(HttpResponse head) {
        state = STREAMING;
        front.deadline().in(settings.idleTimeout());
        if (request.isSent()) {
            request.release();
        }
        answer = delivery.begin(head);
    }

    @Override
    public void responseContent(HttpContent content) {
        var bytes = content.content();
        var passing = requireNonNull(answer);
        log.bytesOut += bytes.readableBytes();
        passing.read(bytes, placement.reservation(), log, worker.nanoTime());
        if (content instanceof LastHttpContent) {
            placement.complete(passing, request.isSent());
            delivering();
            delivery.end(content, passing, this);
        } else {
            front.deadline().in(settings.idleTimeout());
            front.write(content);
        }
    }

    @Override
    public void responseReadComplete() {
        if (state == STREAMING) {
            front.flush();
        }
    }

    /** The client takes bytes again, or no more for now: then the engine is not read either. */
    void clientWritable(boolean writable) {
        if (state == STREAMING) {
            front.deadline().in(settings.idleTimeout());
            placement.connection().read(writable);
        }
    }

    /** The engine failed inside its answer: the client gets what came. */
    private void cutOff(FailureKind kind) {
        placement.failed(kind, usage());
        delivering();
        delivery.cutOff(requireNonNull(answer), this);
    }

    // ---- Answers of our own, and the way out.

    private void answer(ApiError error) {
        answer(Answer.of(error, request.path()));
    }

    /** Gives an answer of our own, after the rest of a small request so that the connection can go on. */
    private void answer(Answer own) {
        boolean mayWait = state == READING && refusal == null && !request.isRead();
        if (mayWait && RequestCheck.endsSoon(request)) {
            refusal = own;
        } else {
            answerNow(own);
        }
    }

    private void answerNow(Answer own) {
        delivering();
        delivery.own(own, this);
    }

    private void delivering() {
        state = DELIVERING;
        front.deadline().in(settings.idleTimeout());
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

    void deadlinePassed() {
        switch (state) {
            case READING -> {
                delivery.endConnection();
                answerNow(refusal == null ? Answer.of(RequestCheck.tooSlow(settings), request.path()) : refusal);
            }
            case CONNECTING -> attemptFailed(FailureKind.CONNECT);
            case WAITING -> {
                if (!request.isRead() && placement.connection().isWritable()) {
                    placement.leave(usage());
                    answer(RequestCheck.tooSlow(settings));
                } else {
                    attemptFailed(FailureKind.STALL);
                }
            }
            case STREAMING -> {
                if (front.channel().isWritable()) {
                    cutOff(FailureKind.STALL);
                } else {
                    front.close();
                }
            }
            case DELIVERING -> front.close();
            case ENDED -> {}
        }
    }

    void clientGone() {
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
            case READING, CONNECTING, WAITING -> {
                delivery.endConnection();
                placement.leave(usage());
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

    private void end(Outcome how) {
        if (state == ENDED) {
            return;
        }
        state = ENDED;
        placement.leave(usage());
        request.release();
        worker.ended(log.report(how, usage(), worker.nanoTime()));
        front.exchangeEnded(delivery.after());
    }
}
