package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.router.RequestReport.Outcome;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of our own. Immutable. */
final class Answer {
    private final int status;
    private final byte[] json;
    private final Outcome outcome;
    private final Map<String, String> headers;

    private Answer(int status, byte[] json, Outcome outcome, Map<String, String> headers) {
        this.status = status;
        this.json = json;
        this.outcome = outcome;
        this.headers = headers;
    }

    /** Returns a good answer. */
    static Answer ok(byte[] json) {
        return new Answer(200, json, Outcome.OK, Map.of());
    }

    /** Returns an error in the dialect that clients of the path speak. */
    static Answer of(ApiError error, String path) {
        var outcome = switch (error.kind()) {
            case INVALID_REQUEST,
                    KEY_REFUSED,
                    MODEL_REFUSED,
                    NOT_FOUND,
                    MODEL_NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    BODY_TIMEOUT,
                    BODY_TOO_LARGE,
                    HEADERS_TOO_LARGE -> Outcome.CLIENT_ERROR;
            case TOO_MANY_REQUESTS, TOO_MANY_TOKENS, BUDGET_SPENT, OVERLOADED, DEADLINE_PASSED -> Outcome.REFUSED;
            case UNAVAILABLE -> Outcome.NO_ENDPOINT;
            case ENDPOINT_FAILED, ENDPOINT_TIMEOUT -> Outcome.ENDPOINT_ERROR;
            case INTERNAL -> Outcome.GATEWAY_ERROR;
        };
        return new Answer(error.kind().status(), error.toJson(path), outcome, Map.of());
    }

    /** Returns the same answer with a time after which to try again: whole seconds, 1 to 60 (clients wait no longer). */
    Answer retryAfter(Duration wait) {
        long seconds = Math.clamp(wait.plusNanos(999_999_999).toSeconds(), 1, 60);
        return with(HttpHeaderNames.RETRY_AFTER.toString(), Long.toString(seconds));
    }

    /** Returns the same answer with one header more. */
    Answer with(String name, String value) {
        return with(Map.of(name, value));
    }

    /** Returns the same answer with some headers more. */
    Answer with(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        var all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, json, outcome, all);
    }

    int status() {
        return status;
    }

    /** Returns the body's size in bytes. */
    int length() {
        return json.length;
    }

    /** Returns whose fault it is. */
    Outcome outcome() {
        return outcome;
    }

    FullHttpResponse toResponse(String requestId) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(json));
        var headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, json.length);
        headers.set(Headers.REQUEST_ID, requestId);
        this.headers.forEach(headers::set);
        return response;
    }
}
