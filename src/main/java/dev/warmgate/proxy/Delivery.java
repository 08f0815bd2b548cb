package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.RequestLog;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.proxy.front.ClientStream.After;
import dev.warmgate.proxy.wire.head.LastContent;
import dev.warmgate.router.RequestReport.Outcome;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;

/** An exchange's answer on its last stretch: into the client's connection, and what becomes of that afterwards. */
final class Delivery {
    private final Worker worker;
    private final ClientStream client;
    private final ClientRequest request;
    private final RequestLog log;
    private boolean keepAlive;
    private Outcome outcome = Outcome.GATEWAY_ERROR;
    private After after = After.CLOSE;

    Delivery(Worker worker, ClientStream client, ClientRequest request, RequestLog log) {
        this.worker = worker;
        this.client = client;
        this.request = request;
        this.log = log;
        this.keepAlive = request.keepAlive();
    }

    /** The client connection cannot serve another request. */
    void endConnection() {
        keepAlive = false;
        after = After.CLOSE;
    }

    /** The client connection ends, once the client has taken what was written. */
    void lingerConnection() {
        keepAlive = false;
        after = After.LINGER;
    }

    /** The client must not take what it has of the answer for all of it. */
    void breakConnection() {
        after = After.BREAK;
    }

    /** Writes the header of an engine's answer, with what is left of the client's limits. */
    EngineAnswer begin(HttpResponse head, Entry entry) {
        entry.limits().forEach(head.headers()::set);
        if (RequestCheck.full(head.status().code())) {
            Headers.makeRetryAfterUseful(head.headers());
        }
        var answer = new EngineAnswer(
                head, request, keepAlive && !worker.draining(), entry.mayEnd(), log.requestId(), worker);
        keepAlive = answer.keepAlive();
        log.status = answer.status();
        worker.date().addTo(head.headers());
        client.write(head);
        return answer;
    }

    /** Returns how long the next bytes may take: the engine's, or while the client takes none, those on their way to it. */
    Duration patience(ProxySettings settings) {
        return client.isWritable()
                ? settings.idleTimeout()
                : settings.front().limits().writeTimeout();
    }

    /** Writes the end of an engine's answer. */
    void end(LastHttpContent last, EngineAnswer answer, ChannelFutureListener done) {
        then(answer.outcome(), afterRequest());
        client.writeLast(Trailers.without(last), done);
    }

    /** Ends an engine's answer early, with an event that tells why if it takes one. */
    void endEarly(EngineAnswer answer, ApiError error, ChannelFutureListener done) {
        if (!answer.takesEvent()) {
            cutOff(answer, error, Outcome.REFUSED, done);
            return;
        }
        var event = new LastContent(Unpooled.wrappedBuffer(answer.ending(error)));
        log.bytesOut += event.content().readableBytes();
        then(Outcome.REFUSED, afterRequest());
        client.writeLast(event, done);
    }

    /**
     * Ends an engine's answer that broke off so that no client takes it for whole: a stream by an event that says so, and
     * whatever it is, without the end of its framing.
     */
    void cutOff(EngineAnswer answer, ApiError why, Outcome how, ChannelFutureListener done) {
        boolean told = answer.takesEvent();
        if (told) {
            var event = new DefaultHttpContent(Unpooled.wrappedBuffer(answer.ending(why)));
            log.bytesOut += event.content().readableBytes();
            client.write(event);
        }
        // A client that is told must not lose that by a reset.
        then(how, answer.endsByClosing() && !told ? After.BREAK : After.CLOSE);
        client.writeNoMore(done);
    }

    /** Writes an answer of our own. */
    void own(Answer answer, ChannelFutureListener done) {
        keepAlive &= request.isRead() && !worker.draining();
        log.status = answer.status();
        log.bytesOut = answer.json().length;
        var response = response(answer);
        Headers.setConnection(response, keepAlive, request.http10());
        worker.date().addTo(response.headers());
        then(answer.outcome(), afterRequest());
        client.writeWhole(response, done);
    }

    private FullHttpResponse response(Answer answer) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.json()));
        var headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, answer.json().length);
        headers.set(Headers.REQUEST_ID, log.requestId());
        headers.set(HttpHeaderNames.SERVER, Forwarding.PSEUDONYM);
        answer.headers().forEach(headers::set);
        return response;
    }

    private After afterRequest() {
        return !request.isRead() || request.webSocket() ? After.LINGER : keepAlive ? After.KEEP : After.CLOSE;
    }

    /** Settles what follows before the last write, which may complete, and end the exchange, before it returns. */
    private void then(Outcome how, After next) {
        outcome = how;
        after = next;
    }

    /** Returns how the exchange ends once the client has what was written. */
    Outcome outcome() {
        return outcome;
    }

    /** Returns what becomes of the client connection then. */
    After after() {
        return after;
    }
}
