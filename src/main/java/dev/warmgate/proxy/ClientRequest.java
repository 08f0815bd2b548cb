package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.BodyEdit;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.FormModel;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.dialect.RequestReader;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.door.RequestLog;
import dev.warmgate.door.Visitor;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The request of one exchange, and how it is put before an engine, several times if need be.
 *
 * <p>A request that is understood has its body collected; of any other, the body streams through the exchange, a form's
 * from where its model is known.
 */
final class ClientRequest implements Visitor {
    /** In how much of a form its model is looked for, in bytes: more of it, mostly a file, is not held. */
    static final int FORM_BEGINNING = 256 << 10;

    private final HttpRequest head;
    private final Target target;
    private final Dialect dialect;
    private final boolean http10;
    private final long contentLength;
    private final boolean bodiless;
    private final boolean keepAlive;
    private final boolean webSocket;
    private final @Nullable RequestBody body;

    /** What decodes the body that is collected, if that is encoded. */
    private final @Nullable BodyDecoder decoder;

    /** The search for the model of a form, whose body streams through once it is found. */
    private final @Nullable FormModel form;

    /** What came of a form up to then. */
    private final @Nullable RequestBody beginning;

    private @Nullable Credentials credentials;
    private boolean read;
    private boolean sent;

    /** The change by which the engine is asked for usage, if it may be. */
    private @Nullable BodyEdit usageEdit;

    private boolean asksUsage;

    ClientRequest(HttpRequest head, ByteBufAllocator allocator, ProxySettings settings) {
        this.head = head;
        this.target = Target.of(head.uri());
        this.dialect = Dialect.of(head.method().name(), target.path());
        this.http10 = !head.protocolVersion().isKeepAliveDefault();
        this.contentLength = head.decoderResult().isFailure() ? 0 : HttpUtil.getContentLength(head, 0L);
        this.bodiless = contentLength == 0 && !HttpUtil.isTransferEncodingChunked(head);
        this.webSocket = bodiless && WebSocket.wants(head);
        this.keepAlive = HttpUtil.isKeepAlive(head) && !webSocket;
        this.body = understood() ? new RequestBody(allocator, settings.maxBodyBytes(), contentLength) : null;
        this.decoder = body == null ? null : BodyDecoder.of(head.headers(), settings.maxBodyBytes());
        this.form = dialect == Dialect.UPLOAD && !bodiless
                ? FormModel.of(header(HttpHeaderNames.CONTENT_TYPE.toString()))
                : null;
        this.beginning = form == null ? null : new RequestBody(allocator, Integer.MAX_VALUE, 0);
    }

    HttpRequest head() {
        return head;
    }

    @Override
    public String path() {
        return target.path();
    }

    /** Returns notes that begin with what the header says. */
    RequestLog newLog(Worker worker, Channel client) {
        String id = Headers.requestId(head.headers());
        var log = new RequestLog(
                id == null ? worker.newRequestId() : id,
                webSocket ? WebSocket.LABEL : dialect.label(),
                head.method().name(),
                path(),
                worker.nanoTime());
        log.client = Hops.address(client, head.headers(), worker.outbound());
        log.trace = TraceContext.begin(head.headers(), worker.observer());
        return log;
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
        return head.headers().get(lowerCaseName);
    }

    /** Returns whether the client wants its connection to become a WebSocket. */
    boolean webSocket() {
        return webSocket;
    }

    Target target() {
        return target;
    }

    Dialect dialect() {
        return dialect;
    }

    boolean understood() {
        return dialect.isReadWhole();
    }

    /** Returns the search for the model in a body that streams through, or null. */
    @Nullable
    FormModel form() {
        return form;
    }

    /** Takes bytes of a form's beginning, which stay the caller's; returns whether its model need not be waited for. */
    boolean beginningHas(FormModel wanted, ByteBuf bytes, SharedArray shared) {
        var kept = requireNonNull(beginning, "beginning");
        var _ = kept.add(bytes);
        var all = kept.bytes(shared);
        return wanted.find(all.array(), all.arrayOffset() + all.position(), Math.min(kept.length(), FORM_BEGINNING))
                || kept.length() >= FORM_BEGINNING;
    }

    /** Returns whether the client speaks HTTP/1.0, which knows no chunks. */
    boolean http10() {
        return http10;
    }

    /** Returns whether the client wants its connection kept. */
    boolean keepAlive() {
        return keepAlive;
    }

    /** Returns whether its last byte has come. */
    boolean isRead() {
        return read;
    }

    void markRead() {
        read = true;
    }

    boolean isHead() {
        return head.method().equals(HttpMethod.HEAD);
    }

    /** Returns the announced size of the body in bytes; 0 if it is chunked or if there is none. */
    long contentLength() {
        return contentLength;
    }

    @Override
    public boolean bodiless() {
        return bodiless;
    }

    /** Returns the collected body of a request that is understood. */
    RequestBody body() {
        return requireNonNull(body, "body");
    }

    /** Adds bytes to the body of a request that is understood, which stay the caller's; returns what is wrong with them. */
    @Nullable
    ApiError collect(ByteBuf bytes, ProxySettings settings) {
        if (decoder == null) {
            return body().addOrKeep(bytes) ? null : RequestCheck.tooLarge(settings);
        }
        return switch (decoder.decode(bytes, body())) {
            case GOOD -> read && !decoder.complete() ? RequestCheck.brokenEncoding() : null;
            case TOO_LARGE -> RequestCheck.tooLargeDecoded(settings);
            case BROKEN -> RequestCheck.brokenEncoding();
        };
    }

    /**
     * Returns whether an engine may get the request a second time, though it may have acted on it: inference changes
     * nothing that matters, nor do GET and HEAD.
     */
    boolean repeatable() {
        return (understood() && !isBatch()) || (bodiless && (head.method().equals(HttpMethod.GET) || isHead()));
    }

    private boolean isBatch() {
        return path().equals(HeldObjects.BATCHES);
    }

    /** Returns whether an engine may keep what it makes of this request, and tell the id under which it can be had. */
    boolean mayCreate() {
        return HeldObjects.mayComeOf(dialect, head.method().name(), path());
    }

    /** Scans the collected body; the prompt goes into the sink. */
    ReadResult read(RequestReader reader, PromptSink sink, SharedArray shared) {
        var whole = body().bytes(shared);
        return reader.read(dialect, whole.array(), whole.arrayOffset() + whole.position(), whole.remaining(), sink);
    }

    /** Has the engine asked for usage at the end of its stream, by a change of the body; null for not at all. */
    void askUsage(@Nullable BodyEdit edit) {
        usageEdit = edit;
    }

    /** Returns whether the engine that was sent to last is asked for usage that the client did not ask for. */
    boolean asksUsage() {
        return asksUsage;
    }

    /** Returns what is routed of a request of which nothing but the model is known. */
    InferenceRequest inference(String model) {
        return new InferenceRequest(model, PromptBlocks.EMPTY, 0, null);
    }

    /** Returns what is routed. */
    InferenceRequest inference(String model, ReadResult.Understood understood, PromptBlocks prompt) {
        int output = dialect.isWithoutOutput() ? 0 : understood.maxOutputTokens();
        return new InferenceRequest(model, prompt, output, session(understood)).streamed(understood.stream());
    }

    /** Returns the client's name for the conversation: one that the body does not tell may be told by the header. */
    @Nullable
    String session(ReadResult.Understood understood) {
        return understood.session() == null ? Headers.session(head.headers()) : understood.session();
    }

    /**
     * Readies the header for all attempts; for a request that is understood, once its body is read.
     *
     * @param withKeys whether the client's own credentials may go to engines
     */
    void prepare(String requestId, Channel client, Worker worker, boolean withKeys) {
        boolean chunked = HttpUtil.isTransferEncodingChunked(head);
        var headers = head.headers();
        credentials = Credentials.take(headers, withKeys);
        Headers.toEngine(headers, requestId, Peer.of(client, worker.outbound()), http10);
        if (webSocket) {
            WebSocket.ask(headers, withKeys);
        }
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (understood()) {
            // The answer must be readable on its way: usage, first token, error events.
            headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY);
            headers.remove(HttpHeaderNames.CONTENT_ENCODING);
            if (decoder != null) {
                Headers.removeDigests(headers);
            }
        } else if (chunked) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
    }

    /** Writes the header, addressed to the engine behind the connection, and what is there of the body. */
    void send(Upstream engine) {
        var headers = head.headers();
        headers.set(HttpHeaderNames.HOST, engine.lane().authority());
        Credentials.withdraw(headers);
        requireNonNull(credentials, "credentials")
                .present(headers, engine.lane().link());
        String prefix = engine.lane().pathPrefix();
        head.setUri(prefix.isEmpty() ? target.uri() : prefix + target.uri());
        sent = false;
        if (webSocket) {
            engine.mayUpgrade();
        }
        if (body != null) {
            asksUsage = usageEdit != null && engine.takesUsageQuestion();
            body.rewind(asksUsage ? usageEdit : null);
            head.headers().set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.sentLength()));
        }
        engine.write(head);
        if (body != null) {
            sendMore(engine);
            return;
        }
        if (beginning != null && beginning.length() > 0) {
            engine.write(new DefaultHttpContent(beginning.whole()));
        }
        if (read) {
            sent = true;
            engine.write(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        if (read || beginning != null) {
            engine.flush();
        }
    }

    /** Writes as much of the collected body as the engine takes now; what would be held anyway is written at once. */
    void sendMore(Upstream engine) {
        while (!sent && (engine.isWritable() || body().isNative())) {
            var piece = body().nextPiece();
            sent = piece instanceof LastHttpContent;
            engine.write(piece);
        }
        engine.flush();
    }

    /** Writes content that streams through, which this takes over; only the last is flushed. */
    void forward(Upstream engine, HttpContent content) {
        sent = content instanceof LastHttpContent;
        engine.write(content instanceof LastHttpContent last ? Trailers.without(last) : content);
        if (sent) {
            engine.flush();
        }
    }

    /** Returns whether all of the request is written to the engine that was sent to last. */
    boolean isSent() {
        return sent;
    }

    void release() {
        if (body != null) {
            body.release();
        }
        if (beginning != null) {
            beginning.release();
        }
        if (decoder != null) {
            decoder.release();
        }
    }
}
