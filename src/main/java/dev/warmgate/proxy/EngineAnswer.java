package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ResponseReader;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
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
    private boolean prefillOver;

    /** Line feeds at the end of what passed: two of them end an event. */
    private int lineFeeds = 2;

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
        open = unknownLength;
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

    /** Reads bytes that are passing; they stay as they are. */
    void read(ByteBuf bytes, Reservation reservation, RequestLog log, long now) {
        if (reader == null || !bytes.isReadable()) {
            return;
        }
        if (events) {
            countLineFeeds(bytes);
        }
        reader.read(
                bytes.nioBufferCount() == 1
                        ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                        : bytes.nioBuffer());
        if (reader.firstToken()) {
            log.output(reader.outputEvents(), now);
            if (!prefillOver) {
                prefillOver = true;
                reservation.firstToken();
            }
        }
    }

    private void countLineFeeds(ByteBuf bytes) {
        int feeds = 0;
        for (int i = bytes.writerIndex() - 1; i >= bytes.readerIndex(); i--) {
            byte b = bytes.getByte(i);
            if (b == '\n') {
                feeds++;
            } else if (b != '\r') {
                lineFeeds = feeds;
                return;
            }
        }
        lineFeeds += feeds;
    }

    /** Returns whether an event of our own can be put in here: the answer is a stream of them, between two. */
    boolean takesEvent() {
        return open && reader != null && events && lineFeeds >= 2;
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
