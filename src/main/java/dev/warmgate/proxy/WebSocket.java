package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.proxy.front.ClientListener;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.proxy.wire.WebSocketFrames;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket (RFC 6455) between a client and an engine: bytes in both directions, unchanged, and for each direction no
 * faster than the other side takes them. Takes an exchange over when the engine has agreed, and ends it; the endpoint stays
 * booked as for one request. Confined to the exchange's event loop.
 *
 * <p>What an engine answers without agreeing is an ordinary answer. After both the client's connection ends.
 *
 * <p>It has ended well when the engine said goodbye, whoever closes first then. One whose connection to the engine ends
 * before is the endpoint's failure, and the client is told by a close of status 1011; 1001 is for silence in both directions
 * and for our own end.
 */
final class WebSocket implements ClientListener, UpstreamListener {
    /** The dialect in logs and metrics. */
    static final String LABEL = "websocket";

    /** How browsers, which cannot set headers, present a key to OpenAI's realtime interface. */
    private static final String KEY_PROTOCOL = "openai-insecure-api-key.";

    private static final AsciiString PROTOCOL = HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL;

    private static final Logger LOG = LoggerFactory.getLogger(WebSocket.class);

    private final Exchange exchange;
    private final ProxySettings settings;
    private final ClientStream client;
    private final Placement placement;
    private final Entry entry;
    private final RequestLog log;
    private @Nullable WebSocketFrames fromEngine;

    /** How it ends, once the engine is gone and what that has sent leaves for the client. */
    private @Nullable Outcome ending;

    private WebSocket(
            Exchange exchange,
            ProxySettings settings,
            ClientStream client,
            Placement placement,
            Entry entry,
            RequestLog log) {
        this.exchange = exchange;
        this.settings = settings;
        this.client = client;
        this.placement = placement;
        this.entry = entry;
        this.log = log;
    }

    /** Returns whether a request, which has no body, asks for one. */
    static boolean wants(HttpRequest head) {
        var headers = head.headers();
        return head.method().equals(HttpMethod.GET)
                && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && head.protocolVersion().isKeepAliveDefault();
    }

    /** Asks for it again, of an engine: in a header without what belongs to the client's connection. */
    static void ask(HttpHeaders headers, boolean withKeys) {
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        if (!withKeys && headers.contains(PROTOCOL)) {
            String kept = headers.getAll(PROTOCOL).stream()
                    .flatMap(line -> Arrays.stream(line.split(",", -1)))
                    .map(String::strip)
                    .filter(name -> !name.toLowerCase(Locale.ROOT).startsWith(KEY_PROTOCOL))
                    .collect(Collectors.joining(", "));
            if (kept.isEmpty()) {
                headers.remove(PROTOCOL);
            } else {
                headers.set(PROTOCOL, kept);
            }
        }
    }

    /** Begins with an engine's agreement. A client that has sent more than its request gets an error, and the engine nothing. */
    static void begin(
            HttpResponse agreement,
            Exchange exchange,
            Worker worker,
            ClientStream client,
            ClientRequest request,
            Placement placement,
            Entry entry,
            Delivery delivery,
            RequestLog log) {
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        var headers = answer.headers().set(agreement.headers());
        Headers.toClient(headers, log.requestId());
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        worker.date().addTo(headers);
        var socket = new WebSocket(exchange, worker.settings(), client, placement, entry, log);
        var frames = client.upgrade(answer, socket);
        delivery.lingerConnection();
        if (frames == null) {
            placement.leave(Usage.UNKNOWN);
            exchange.answer(Answer.of(RequestCheck.tooEarly(), request.path()));
            return;
        }
        socket.fromEngine = frames;
        log.status = HttpResponseStatus.SWITCHING_PROTOCOLS.code();
        placement.connection().hear(socket);
        socket.alive();
    }

    private void alive() {
        var time = client.isWritable()
                ? settings.idleTimeout()
                : settings.front().limits().writeTimeout();
        within(time);
    }

    private void within(Duration time) {
        client.deadline().in(entry.within(time));
    }

    private WebSocketFrames frames() {
        return requireNonNull(fromEngine, "fromEngine");
    }

    private boolean saidGoodbye() {
        return frames().closed();
    }

    // ---- From the client.

    @Override
    public void begin() {}

    @Override
    public void requestContent(HttpContent content) {
        if (ending != null) {
            content.release();
            return;
        }
        log.bytesIn += content.content().readableBytes();
        alive();
        placement.connection().write(content);
    }

    @Override
    public void requestReadComplete() {
        if (ending == null) {
            placement.connection().flush();
        }
    }

    @Override
    public void clientWritable(boolean writable) {
        if (ending == null) {
            alive();
            placement.connection().read(writable);
        }
    }

    @Override
    public void clientGone() {
        if (ending == null && saidGoodbye()) {
            placement.done();
            exchange.end(Outcome.OK);
        } else {
            exchange.end(ending == null ? Outcome.CLIENT_GONE : ending);
        }
    }

    // ---- From the engine.

    @Override
    public void responseContent(HttpContent content) {
        log.bytesOut += content.content().readableBytes();
        alive();
        client.write(content);
    }

    @Override
    public void responseReadComplete() {
        client.flush();
    }

    @Override
    public void upstreamWritable(boolean writable) {
        client.hold(!writable);
    }

    @Override
    public void connectionLost(boolean stale) {
        var how = saidGoodbye() ? Outcome.OK : Outcome.ENDPOINT_ERROR;
        ending = how;
        if (how == Outcome.OK) {
            placement.done();
        } else {
            placement.failed(FailureKind.RESET, Usage.UNKNOWN);
            if (frames().between()) {
                client.write(new DefaultHttpContent(WebSocketFrames.close(WebSocketFrames.FAILED)));
            }
        }
        client.hold(false);
        within(settings.front().limits().writeTimeout());
        client.writeNoMore(_ -> exchange.end(how));
    }

    // ---- Neither.

    @Override
    public void deadlinePassed() {
        if (ending != null) {
            exchange.end(ending);
        } else if (entry.late()) {
            log.refused = Refusals.LATE;
            exchange.end(Outcome.REFUSED);
        } else {
            exchange.end(client.isWritable() ? Outcome.OK : Outcome.CLIENT_GONE);
        }
    }

    @Override
    public void failed(Throwable cause) {
        LOG.warn("Request {} failed by our own fault", log.requestId(), cause);
        exchange.end(Outcome.GATEWAY_ERROR);
    }

    @Override
    public void connected() {}

    @Override
    public void connectFailed() {}

    @Override
    public void responseHead(HttpResponse head) {}
}
