package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.door.Answer;
import dev.warmgate.router.FailureKind;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a request, and the errors that say so and what to do. */
final class RequestCheck {
    /** A client must send this many bytes, or all, within each {@link ProxySettings#requestReadTimeout}. */
    static final int PROGRESS = 64 << 10;

    /** A refused request's body is read to its end if it is not larger, so that the connection survives. */
    static final int DISCARDED_AT_MOST = 64 << 10;

    /** Why a request is refused under which endpoints died. */
    private RequestCheck() {}

    /** Returns what is wrong with a request's header, or null. */
    static @Nullable ApiError check(ClientRequest request, ProxySettings settings) {
        var head = request.head();
        if (head.decoderResult().isFailure()) {
            return unreadable(head.decoderResult().cause(), settings);
        }
        if (head.headers().size() > settings.front().limits().headerFields()) {
            return tooManyFields(settings);
        }
        if (malformed(head)) {
            return invalid();
        }
        if (ambiguous(head)) {
            return new ApiError(
                    Kind.INVALID_REQUEST,
                    "The request must say where its body ends: one Content-Length, or Transfer-Encoding: chunked.",
                    null);
        }
        if (head.method().equals(HttpMethod.CONNECT) || head.method().equals(HttpMethod.TRACE)) {
            return new ApiError(Kind.METHOD_NOT_ALLOWED, head.method() + " is not served here.", null);
        }
        if (!request.target().isOpen(settings.openPaths())) {
            return new ApiError(
                    Kind.NOT_FOUND,
                    "There is nothing at " + shortened(request.path())
                            + ". This gateway serves POST /v1/chat/completions, /v1/completions, /v1/embeddings,"
                            + " /v1/responses and /v1/messages, GET /v1/models, and forwards other paths under /v1/."
                            + " The operator can open more with openPaths.",
                    null);
        }
        if (request.understood()) {
            return checkUnderstood(request, settings);
        }
        // Of a form the beginning is read, and no more: the rest could not be framed anew.
        var codings = request.form() == null
                ? List.<String>of()
                : BodyDecoder.codings(request.head().headers());
        return codings.isEmpty() ? null : encoded(codings, "");
    }

    private static @Nullable ApiError checkUnderstood(ClientRequest request, ProxySettings settings) {
        if (request.contentLength() > settings.maxBodyBytes()) {
            return tooLarge(settings);
        }
        var codings = BodyDecoder.codings(request.head().headers());
        return codings.isEmpty() || BodyDecoder.takes(codings)
                ? null
                : encoded(codings, "by gzip or deflate, once, or ");
    }

    private static ApiError encoded(List<String> codings, String instead) {
        return new ApiError(
                Kind.ENCODING_REFUSED,
                "Content-Encoding " + shortened(String.join(", ", codings)) + " is not supported here: send the body "
                        + instead + "as it is.",
                null);
    }

    /** Returns what the client is told whose body is not what its Content-Encoding says. */
    static ApiError brokenEncoding() {
        return new ApiError(
                Kind.INVALID_REQUEST,
                "The body is not what Content-Encoding says: it is broken, ends too early, or goes on behind its end.",
                null);
    }

    /** Returns what the client is told whose form does not say its model early enough. */
    static ApiError lateModel() {
        return new ApiError(
                Kind.INVALID_REQUEST,
                "model: not among the first " + (ClientRequest.FORM_BEGINNING >> 10)
                        + " KiB of the form. Send the field before the file.",
                "model");
    }

    private static ApiError unreadable(Throwable cause, ProxySettings settings) {
        if (cause instanceof TooLongFrameException) {
            return new ApiError(
                    Kind.HEADERS_TOO_LARGE,
                    "The request line or the header fields are larger than "
                            + settings.front().maxHeaderBytes()
                            + " bytes. Send fewer or shorter ones; the operator can raise limits.maxHeaderBytes.",
                    null);
        }
        return invalid();
    }

    private static ApiError tooManyFields(ProxySettings settings) {
        return new ApiError(
                Kind.HEADERS_TOO_LARGE,
                "The request has more than " + settings.front().limits().headerFields()
                        + " header fields. Send fewer; the operator can raise limits.maxHeaderFields.",
                null);
    }

    private static ApiError invalid() {
        return new ApiError(Kind.INVALID_REQUEST, "The request is not valid HTTP.", null);
    }

    /**
     * Whether the decoder took something that not everybody would: another version in HTTP/1's words, a target with more
     * than visible ASCII (RFC 9112 section 3.2), several hosts, or one with a space, as a folded line makes it.
     */
    private static boolean malformed(HttpRequest head) {
        if (head.protocolVersion().majorVersion() != 1 || !visible(head.uri())) {
            return true;
        }
        var hosts = head.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
        return hosts.hasNext() && (!visible(hosts.next()) || hosts.hasNext());
    }

    private static boolean visible(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    /** Whether two parties could read the body's end differently, the way to request smuggling (RFC 9112 section 6.1). */
    private static boolean ambiguous(HttpRequest head) {
        var headers = head.headers();
        String encoding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
        return encoding != null
                && (!HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encoding)
                        || headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                        || !head.protocolVersion().isKeepAliveDefault()
                        || headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() > 1);
    }

    /** Returns whether the rest of the request is on its way and short enough to be awaited. */
    static boolean endsSoon(ClientRequest request) {
        var head = request.head();
        return head.decoderResult().isSuccess()
                && !malformed(head)
                && !ambiguous(head)
                && !HttpUtil.is100ContinueExpected(head)
                && !head.method().equals(HttpMethod.CONNECT) // which waits for its answer (RFC 8441)
                && request.contentLength() <= DISCARDED_AT_MOST;
    }

    static ApiError tooLarge(ProxySettings settings) {
        return new ApiError(
                Kind.BODY_TOO_LARGE,
                "The request body is larger than the limit of " + settings.maxBodyBytes()
                        + " bytes. Send less; the operator can raise limits.maxBodyBytes.",
                null);
    }

    /** Returns what the client is told whose body becomes too large when it is decoded. */
    static ApiError tooLargeDecoded(ProxySettings settings) {
        return new ApiError(
                Kind.BODY_TOO_LARGE,
                "The request body, decoded, is larger than the limit of " + settings.maxBodyBytes()
                        + " bytes, or than 1 MiB and " + BodyDecoder.LARGEST_RATIO
                        + " times what was sent. Send less, or without Content-Encoding.",
                null);
    }

    static ApiError tooSlow(ProxySettings settings) {
        return new ApiError(
                Kind.BODY_TIMEOUT,
                "The request body came too slowly: the end, or another 64 KiB, is expected every "
                        + settings.requestReadTimeout().toMillis() + " ms.",
                null);
    }

    static ApiError brokenFraming() {
        return new ApiError(Kind.INVALID_REQUEST, "The framing of the request's body is broken.", null);
    }

    /** Returns what the client is told that spoke before its WebSocket was there. */
    static ApiError tooEarly() {
        return new ApiError(
                Kind.INVALID_REQUEST,
                "Something was sent before the answer to the request for a WebSocket: wait for it (RFC 6455 section 4.1).",
                null);
    }

    static ApiError internal() {
        return new ApiError(Kind.INTERNAL, "Warmgate failed on this request; its log says why.", null);
    }

    /** Returns what the client is told whose request may be the cause of deaths, while it can be alone nowhere. */
    static Answer notAlone(String path) {
        return Answer.of(
                        new ApiError(
                                Kind.UNAVAILABLE,
                                "Endpoints died while they worked on this request and on others. It is tried again where"
                                        + " it is alone, and there is no such endpoint now. Try again.",
                                null),
                        path)
                .retryAfter(Duration.ofSeconds(2));
    }

    /** Returns whether an engine says by this status that it is full or not ready yet, and has not begun to work. */
    static boolean full(int status) {
        return status == 429 || status == 503;
    }

    /** Returns what the client is told when the last attempt failed. */
    static Answer failed(FailureKind kind, int attempts, String path, Duration retryAfter) {
        String tried = attempts == 1 ? "one endpoint was tried" : attempts + " endpoints were tried";
        return switch (kind) {
            case CONNECT ->
                Answer.of(
                                new ApiError(
                                        Kind.UNAVAILABLE,
                                        "No endpoint could be reached: " + tried + ". Try again.",
                                        null),
                                path)
                        .retryAfter(retryAfter);
            case RESET, STATUS_5XX, BUSY ->
                Answer.of(
                        new ApiError(
                                Kind.ENDPOINT_FAILED,
                                "The connection to the endpoint ended before its answer: " + tried + ". Try again.",
                                null),
                        path);
            case STALL ->
                Answer.of(
                        new ApiError(
                                Kind.ENDPOINT_TIMEOUT,
                                "No answer began in time: " + tried + ". Try again, or ask for less, or for a stream.",
                                null),
                        path);
        };
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
