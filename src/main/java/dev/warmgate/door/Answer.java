package dev.warmgate.door;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.router.RequestReport.Outcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of our own, which the door puts into its protocol. Immutable. */
public final class Answer {
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
    public static Answer ok(byte[] json) {
        return new Answer(200, json, Outcome.OK, Map.of());
    }

    /** Returns an error in the dialect that clients of the path speak. */
    public static Answer of(ApiError error, String path) {
        return of(error, error.toJson(path));
    }

    /** Returns an error in the dialect of Anthropic's clients, or of OpenAI's. */
    public static Answer of(ApiError error, boolean forAnthropic) {
        return of(error, error.toJson(forAnthropic));
    }

    private static Answer of(ApiError error, byte[] json) {
        var outcome = switch (error.kind()) {
            case INVALID_REQUEST,
                    KEY_REFUSED,
                    FORBIDDEN,
                    MODEL_REFUSED,
                    NOT_FOUND,
                    MODEL_NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    BODY_TIMEOUT,
                    BODY_TOO_LARGE,
                    ENCODING_REFUSED,
                    HEADERS_TOO_LARGE -> Outcome.CLIENT_ERROR;
            case TOO_MANY_REQUESTS, TOO_MANY_TOKENS, BUDGET_SPENT, OVERLOADED, DEADLINE_PASSED, QUARANTINED ->
                Outcome.REFUSED;
            case UNAVAILABLE -> Outcome.NO_ENDPOINT;
            case ENDPOINT_FAILED, ENDPOINT_TIMEOUT -> Outcome.ENDPOINT_ERROR;
            case INTERNAL -> Outcome.GATEWAY_ERROR;
        };
        return new Answer(error.kind().status(), json, outcome, Map.of());
    }

    /** Returns the same answer with a time after which to try again: whole seconds, 1 to 60 (clients wait no longer). */
    public Answer retryAfter(Duration wait) {
        long seconds = Math.clamp(wait.plusNanos(999_999_999).toSeconds(), 1, 60);
        return with("retry-after", Long.toString(seconds));
    }

    /** Returns the same answer with one header more. */
    public Answer with(String name, String value) {
        return with(Map.of(name, value));
    }

    /** Returns the same answer with some headers more. */
    public Answer with(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        var all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, json, outcome, all);
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }

    /** Returns the body; not to be changed. */
    public byte[] json() {
        return json;
    }

    /** Returns the header fields that are special to it, by names in lower case. */
    public Map<String, String> headers() {
        return headers;
    }

    /** Returns whose fault it is. */
    public Outcome outcome() {
        return outcome;
    }
}
