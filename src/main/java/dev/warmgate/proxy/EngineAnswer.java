package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ResponseReader;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** An engine's answer on its way through: framed for the client, and read in passing. */
final class EngineAnswer {
    private static final Usage NOTHING = new Usage(0, 0, 0);

    private final int status;
    private final boolean keepAlive;
    private final boolean endsByClosing;
    private final boolean events;
    private final boolean open;
    private final @Nullable ResponseReader reader;
    private final boolean json;
    private final @Nullable WholeEvents fence;
    private boolean prefillOver;

    /**
     * Turns an engine's response header into the client's.
     *
     * @param mayKeepAlive whether the client connection may stay open
     */
    EngineAnswer(HttpResponse head, ClientRequest request, boolean mayKeepAlive, String requestId) {
        boolean chunked = HttpUtil.isTransferEncodingChunked(head);
        var headers = head.headers();
        Headers.toClient(headers, requestId);
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        status = head.status().code();
        boolean bodiless = status == 204 || status == 304 || request.isHead();
        boolean unknownLength = !bodiless && (chunked || !headers.contains(HttpHeaderNames.CONTENT_LENGTH));
        endsByClosing = unknownLength && request.http10();
        keepAlive = mayKeepAlive && !endsByClosing;
        if (unknownLength) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            if (!endsByClosing) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            }
        }
        Headers.setConnection(head, keepAlive, request.http10());

        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        events = type != null && type.startsWith("text/event-stream");
        boolean readable = status < 400 && !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
        reader = request.understood() && readable ? ResponseReader.of(request.dialect(), events) : null;
        // An answer that is not streamed begins when all of it is generated: its reservation ends a moment later.
        prefillOver = !events;
        json = type != null && type.startsWith("application/json");
        open = unknownLength;
        fence = open && events && reader != null ? new WholeEvents() : null;
    }

    int status() {
        return status;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    /** Returns whether only the connection's end tells the client where the answer ends. */
    boolean endsByClosing() {
        return endsByClosing;
    }

    /** Reads content that is passing, takes it over, and returns what the client gets now, perhaps nothing. */
    HttpContent read(HttpContent content, Reservation reservation, RequestLog log, long now) {
        if (reader == null) {
            return content;
        }
        if (content.content().isReadable()) {
            read(reader, content.content(), reservation, log, now);
        }
        if (fence == null) {
            return content;
        }
        var passing = fence.pass(content);
        return passing instanceof LastHttpContent && reader.whole() ? fence.rest(passing) : passing;
    }

    private void read(ResponseReader by, ByteBuf bytes, Reservation reservation, RequestLog log, long now) {
        by.read(
                bytes.nioBufferCount() == 1
                        ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                        : bytes.nioBuffer());
        if (by.firstToken()) {
            log.output(by.outputEvents(), now);
            if (!prefillOver) {
                prefillOver = true;
                reservation.firstToken();
            }
        }
    }

    /** Returns whether an event of our own can be put in here: the answer is a stream of them, between two. */
    boolean takesEvent() {
        return fence != null && fence.between();
    }

    /**
     * Returns whether an answer that came to an end in good order is not whole: an engine that dies may close a stream
     * as if it were complete. Only of use where the client can still be told.
     */
    boolean brokenOff() {
        return open && reader != null && (events || json) && !reader.whole();
    }

    void release() {
        if (fence != null) {
            fence.release();
        }
    }

    /** Returns the event that ends a stream which {@link #takesEvent} with an error. */
    byte[] ending(ApiError error) {
        return requireNonNull(reader, "reader").ending(error);
    }

    /** Returns the output tokens of a stream up to now: each event has one or more of them. */
    int outputTokens() {
        return reader == null || !events ? 0 : Math.max(reader.outputEvents(), usage().outputTokens());
    }

    /** Returns what is to be counted for the answer, which may have been cut off. */
    Usage used() {
        if (status >= 400) {
            return NOTHING;
        }
        var said = usage();
        return reader == null || !events || (reader.finished() && said.outputTokens() >= 0)
                ? said
                : new Usage(said.promptTokens(), said.cachedTokens(), outputTokens());
    }

    /** Returns what the engine counted so far. */
    Usage usage() {
        return reader == null ? Usage.UNKNOWN : reader.usage();
    }

    /** Returns how an exchange ended whose answer came to its end. */
    Outcome outcome() {
        if (status >= 500 || (reader != null && reader.failed())) {
            return Outcome.ENDPOINT_ERROR;
        }
        return status >= 400 ? Outcome.CLIENT_ERROR : Outcome.OK;
    }
}
