package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;

import dev.warmgate.proxy.wire.head.LastContent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Stands between an exchange and the connection to an engine that is asked for usage on behalf of a client that did not
 * ask: an engine that does not know the question may refuse the whole request for it. Such a refusal is not passed on,
 * but the request sent again as the client wrote it; if that is taken, the engine is not asked for a while.
 *
 * <p>Only an answer with status 400 or 422 is held back, and only until it is read: to {@value #LONGEST} bytes at most.
 */
final class UsageQuestion implements UpstreamListener {
    /** After this time an engine is asked again: it may be another one by then. */
    private static final Duration SPARED = Duration.ofMinutes(10);

    private static final int LONGEST = 16 << 10;
    private static final String NAME = "stream_options";

    private final Exchange exchange;
    private final Worker worker;
    private final ClientRequest request;
    private final Placement placement;

    private @Nullable HttpResponse head;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private boolean refused;

    UsageQuestion(Exchange exchange, Worker worker, ClientRequest request, Placement placement) {
        this.exchange = exchange;
        this.worker = worker;
        this.request = request;
        this.placement = placement;
    }

    @Override
    public void responseHead(HttpResponse answer) {
        int status = answer.status().code();
        if (request.asksUsage() && (status == 400 || status == 422)) {
            head = answer;
            return;
        }
        if (refused && status < 400) {
            placement.connection().lane().refusesUsageQuestion(worker.nanoTime() + SPARED.toNanos());
        }
        exchange.responseHead(answer);
    }

    @Override
    public void responseContent(HttpContent content) {
        if (head == null) {
            exchange.responseContent(content);
            return;
        }
        boolean last = content instanceof LastHttpContent;
        body = Unpooled.wrappedBuffer(body, content.content());
        if (!last && body.readableBytes() <= LONGEST) {
            return;
        }
        if (last && body.toString(ISO_8859_1).contains(NAME)) {
            drop();
            refused = true;
            request.askUsage(null);
            placement.releaseConnection(request.isSent());
            exchange.attempt();
        } else {
            passOn(last);
        }
    }

    private void passOn(boolean last) {
        var answer = requireNonNull(head, "head");
        var held = body;
        head = null;
        body = Unpooled.EMPTY_BUFFER;
        exchange.responseHead(answer);
        exchange.responseContent(last ? new LastContent(held) : new DefaultHttpContent(held));
    }

    /** Releases what is held back. */
    void drop() {
        head = null;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void connected() {
        exchange.connected();
    }

    @Override
    public void connectFailed() {
        exchange.connectFailed();
    }

    @Override
    public void responseReadComplete() {
        exchange.responseReadComplete();
    }

    @Override
    public void upstreamWritable(boolean writable) {
        exchange.upstreamWritable(writable);
    }

    @Override
    public void connectionLost(boolean stale) {
        drop();
        exchange.connectionLost(stale);
    }

    @Override
    public void failed(Throwable cause) {
        exchange.failed(cause);
    }
}
