package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.ResponseReader;
import dev.warmgate.door.Entry;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.Decision;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An engine's answer on its way through: framed for the client, and read in passing. */
final class EngineAnswer {
    private static final Usage NOTHING = new Usage(0, 0, 0);
    private static final byte[] NO_BYTES = {};

    private final SharedArray shared;
    private final int status;
    private final boolean keepAlive;
    private final boolean endsByClosing;
    private final boolean events;
    private final boolean open;
    private final boolean hides;
    private final @Nullable ResponseReader reader;
    private final boolean json;
    private final @Nullable WholeEvents fence;
    private final boolean counted;
    private boolean prefillOver;

    /** When content came last, or the client began to take it again. */
    private long heardAt;

    /** Who looks for the id of what the engine keeps; null once it is found, and where there is none. */
    private @Nullable ResponseReader ids;

    /**
     * Turns an engine's response header into the client's.
     *
     * @param mayKeepAlive whether the client connection may stay open
     * @param counted whether quotas may end it
     */
    EngineAnswer(
            HttpResponse head,
            ClientRequest request,
            boolean mayKeepAlive,
            boolean counted,
            String requestId,
            Worker worker) {
        this.shared = worker.sharedArray();
        this.counted = counted;
        this.heardAt = worker.nanoTime();
        boolean chunked = HttpUtil.isTransferEncodingChunked(head);
        var headers = head.headers();
        Headers.toClient(headers, requestId);
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        status = head.status().code();
        boolean bodiless = status == 204 || status == 304 || request.isHead();
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        events = isStream(head);
        boolean text = request.dialect() != Dialect.BY_MODEL || (type != null && type.contains("json"));
        boolean readable = text && status < 400 && !headers.contains(HttpHeaderNames.CONTENT_ENCODING);
        hides = events && readable && request.asksUsage();
        open = !bodiless && (chunked || !headers.contains(HttpHeaderNames.CONTENT_LENGTH));
        boolean unknownLength = open || (hides && !bodiless);
        endsByClosing = unknownLength && request.http10();
        keepAlive = mayKeepAlive && !endsByClosing;
        if (unknownLength) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            if (!endsByClosing) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            }
        }
        Headers.setConnection(head, keepAlive, request.http10());
        reader = !request.understood() || !readable
                ? null
                : hides ? ResponseReader.hidingUsage(request.dialect()) : ResponseReader.of(request.dialect(), events);
        // An answer that is not streamed begins when all of it is generated: its reservation ends a moment later.
        prefillOver = !events;
        json = type != null && type.startsWith("application/json");
        ids = !request.mayCreate() || !(json || events) || !readable
                ? null
                : reader == null ? ResponseReader.of(request.dialect(), false) : reader;
        fence = open && events && reader != null ? new WholeEvents() : null;
    }

    /** Returns whether an answer with this header is a stream of events. */
    static boolean isStream(HttpResponse head) {
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
        return type != null && type.startsWith("text/event-stream");
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
    HttpContent read(HttpContent content, Placement placement, Entry entry, RequestLog log, long now) {
        heardAt = now;
        var bytes = content.content();
        if (reader == null) {
            if (ids != null && bytes.isReadable()) {
                ids.read(bufferOf(bytes));
                learnFrom(ids, entry, placement);
            }
            return content;
        }
        byte[] changed = bytes.isReadable() ? read(reader, bytes, placement, log, now) : null;
        if (ids != null) {
            learnFrom(ids, entry, placement);
        }
        byte[] rest = content instanceof LastHttpContent ? reader.rest() : NO_BYTES;
        var visible = changed == null && rest.length == 0 ? content : replaced(content, changed, rest);
        if (fence == null) {
            return visible;
        }
        var passing = fence.pass(visible);
        return passing instanceof LastHttpContent && reader.whole() ? fence.rest(passing) : passing;
    }

    /** Notes that the next bytes are waited for from now on. */
    void heard(long now) {
        heardAt = now;
    }

    /**
     * Returns what is left of the time that the next bytes may take. Content leaves a mark only, and does not move the
     * deadline, because there is much of it.
     */
    Duration left(Duration patience, long now) {
        return patience.minusNanos(now - heardAt);
    }

    /** Returns why the answer has to end, by quotas; null while it may go on. */
    @Nullable
    ApiError spent(Entry entry) {
        return counted ? entry.progress(outputTokens()) : null;
    }

    private void learnFrom(ResponseReader by, Entry entry, Placement placement) {
        String id = by.objectId();
        if (id != null) {
            entry.keeps(placement.reservation().endpoint(), id);
            ids = null;
        }
    }

    private static HttpContent replaced(HttpContent content, byte @Nullable [] changed, byte[] rest) {
        var bytes = changed == null ? content.content().retainedSlice() : Unpooled.wrappedBuffer(changed);
        var all = rest.length == 0 ? bytes : Unpooled.wrappedBuffer(bytes, Unpooled.wrappedBuffer(rest));
        var replaced = content.replace(all);
        content.release();
        return replaced;
    }

    private byte @Nullable [] read(ResponseReader by, ByteBuf bytes, Placement placement, RequestLog log, long now) {
        byte[] changed = by.pass(bufferOf(bytes));
        if (by.firstToken()) {
            log.output(by.outputEvents(), now);
            if (!prefillOver) {
                prefillOver = true;
                placement.reservation().firstToken();
            }
        }
        return changed;
    }

    /** Returns content in an array, which readers want: good until the shared one is used for something else. */
    private ByteBuffer bufferOf(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (bytes.hasArray()) {
            return ByteBuffer.wrap(bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), length);
        }
        byte[] array = shared.of(length);
        bytes.getBytes(bytes.readerIndex(), array, 0, length);
        return ByteBuffer.wrap(array, 0, length);
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
        return reader == null ? 0 : reader.outputTokens();
    }

    /** Returns what is to be counted for the answer, which may have been cut off. */
    Usage used() {
        if (status >= 400) {
            return NOTHING;
        }
        return reader == null ? Usage.UNKNOWN : reader.used();
    }

    /** Returns what the engine counted so far. */
    Usage usage() {
        return reader == null ? Usage.UNKNOWN : reader.usage();
    }

    /**
     * Returns what is reported of an answer, if there is one: what the engine counted, and of a stream that told less than
     * what has passed, an estimate.
     *
     * @param decision what the prompt was taken for
     */
    static Usage reported(@Nullable EngineAnswer answer, @Nullable Decision decision) {
        return answer == null ? Usage.UNKNOWN : answer.reported(decision == null ? -1 : decision.promptTokens());
    }

    private Usage reported(int expectedPrompt) {
        var said = usage();
        if (reader == null || !events || !reader.firstToken()) {
            return said;
        }
        int output = Math.max(said.outputTokens(), reader.outputEvents());
        boolean counted = said.promptTokens() >= 0 && said.outputTokens() >= 0;
        if (counted && (reader.finished() || output == said.outputTokens())) {
            return said;
        }
        int prompt = said.promptTokens() >= 0 ? said.promptTokens() : expectedPrompt;
        return Usage.estimated(prompt, said.cachedTokens(), output);
    }

    /** Returns how an exchange ended whose answer came to its end. */
    Outcome outcome() {
        if (status >= 500 || (reader != null && reader.failed())) {
            return Outcome.ENDPOINT_ERROR;
        }
        return status >= 400 ? Outcome.CLIENT_ERROR : Outcome.OK;
    }
}
