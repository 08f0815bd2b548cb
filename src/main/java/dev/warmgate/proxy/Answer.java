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
import org.jspecify.annotations.Nullable;

/** An answer of our own. Immutable. */
final class Answer {
    private final int status;
    private final byte[] json;
    private final Outcome outcome;
    private final @Nullable Duration retryAfter;

    private Answer(int status, byte[] json, Outcome outcome, @Nullable Duration retryAfter) {
        this.status = status;
        this.json = json;
        this.outcome = outcome;
        this.retryAfter = retryAfter;
    }

    /** Returns a good answer. */
    static Answer ok(byte[] json) {
        return new Answer(200, json, Outcome.OK, null);
    }

    /** Returns an error in the dialect that clients of the path speak. */
    static Answer of(ApiError error, String path) {
        return of(error, path, null);
    }

    /** Returns an error in the dialect that clients of the path speak, with a time after which to try again. */
    static Answer of(ApiError error, String path, @Nullable Duration retryAfter) {
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
            case UNAVAILABLE -> Outcome.NO_ENDPOINT;
            case ENDPOINT_FAILED, ENDPOINT_TIMEOUT -> Outcome.ENDPOINT_ERROR;
            case INTERNAL -> Outcome.GATEWAY_ERROR;
        };
        return new Answer(error.kind().status(), error.toJson(path), outcome, retryAfter);
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
        if (retryAfter != null) {
            headers.set(HttpHeaderNames.RETRY_AFTER, Long.toString(Math.clamp(retryAfter.toSeconds(), 1, 60)));
        }
        return response;
    }
}
