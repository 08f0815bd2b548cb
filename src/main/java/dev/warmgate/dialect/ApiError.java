package dev.warmgate.dialect;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.quota.QuotaRefusal;
import dev.warmgate.router.tenancy.Classification;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An error made by Warmgate, written in the shape the caller's SDK turns into its own exception.
 *
 * <p>Types and codes are those of the public API references of OpenAI and Anthropic where these have one for the case.
 *
 * @param kind what went wrong, and with that the HTTP status
 * @param message what the caller should do; never prompt text
 * @param param the field at fault, such as {@code messages[2].role}
 */
public record ApiError(Kind kind, String message, @Nullable String param) {
    /** What can go wrong, with its HTTP status and its names in both families of dialects. */
    public enum Kind {
        INVALID_REQUEST(400, Names.INVALID, null, Names.INVALID),
        KEY_REFUSED(401, Names.INVALID, "invalid_api_key", "authentication_error"),
        FORBIDDEN(403, Names.INVALID, "permission_denied", "permission_error"),
        MODEL_REFUSED(403, Names.INVALID, "model_not_allowed", "permission_error"),
        NOT_FOUND(404, Names.INVALID, null, "not_found_error"),
        MODEL_NOT_FOUND(404, Names.INVALID, "model_not_found", "not_found_error"),
        METHOD_NOT_ALLOWED(405, Names.INVALID, "method_not_supported", Names.INVALID),
        BODY_TIMEOUT(408, Names.INVALID, "request_timeout", Names.TIMEOUT),
        BODY_TOO_LARGE(413, Names.INVALID, "request_too_large", "request_too_large"),
        ENCODING_REFUSED(415, Names.INVALID, "unsupported_content_encoding", Names.INVALID),
        QUARANTINED(422, Names.INVALID, "request_quarantined", Names.INVALID),
        HEADERS_TOO_LARGE(431, Names.INVALID, "headers_too_large", "request_too_large"),
        TOO_MANY_REQUESTS(429, "requests", Names.RATE_LIMITED, Names.RATE_LIMIT),
        TOO_MANY_TOKENS(429, "tokens", Names.RATE_LIMITED, Names.RATE_LIMIT),
        BUDGET_SPENT(429, "insufficient_quota", "insufficient_quota", Names.RATE_LIMIT),
        INTERNAL(500, Names.SERVER, "internal_error", "api_error"),
        ENDPOINT_FAILED(502, Names.SERVER, "bad_gateway", "api_error"),
        UNAVAILABLE(503, Names.SERVER, "service_unavailable", Names.OVERLOADED),
        OVERLOADED(503, Names.SERVER, "overloaded", Names.OVERLOADED),
        DEADLINE_PASSED(504, Names.SERVER, "deadline_exceeded", Names.TIMEOUT),
        ENDPOINT_TIMEOUT(504, Names.SERVER, "gateway_timeout", Names.TIMEOUT);

        private final int status;
        private final String openAiType;
        private final @Nullable String openAiCode;
        private final String anthropicType;

        Kind(int status, String openAiType, @Nullable String openAiCode, String anthropicType) {
            this.status = status;
            this.openAiType = openAiType;
            this.openAiCode = openAiCode;
            this.anthropicType = anthropicType;
        }

        /** Returns the HTTP status, 400 to 504. */
        public int status() {
            return status;
        }

        private static final class Names {
            static final String INVALID = "invalid_request_error";
            static final String SERVER = "server_error";
            static final String RATE_LIMITED = "rate_limit_exceeded";
            static final String RATE_LIMIT = "rate_limit_error";
            static final String OVERLOADED = "overloaded_error";
            static final String TIMEOUT = "timeout_error";
        }
    }

    public ApiError {
        requireNonNull(kind, "kind");
        requireNonNull(message, "message");
    }

    /** Returns what a caller is told whose request has no standing here. */
    public static ApiError of(Classification.Refused refused) {
        var kind = switch (refused.reason()) {
            case MISSING_KEY, UNKNOWN_KEY, INVALID_TOKEN -> Kind.KEY_REFUSED;
            case TOKEN_UNCHECKED -> Kind.UNAVAILABLE;
            case UNKNOWN_TENANT -> Kind.FORBIDDEN;
            case MODEL_NOT_ALLOWED -> Kind.MODEL_REFUSED;
            case UNKNOWN_OBJECTIVE, PRIORITY_NOT_GRANTED, BAD_HEADER -> Kind.INVALID_REQUEST;
        };
        return new ApiError(kind, refused.message(), kind == Kind.MODEL_REFUSED ? "model" : null);
    }

    /** Returns what a caller is told whose limit is reached. */
    public static ApiError of(QuotaRefusal refusal) {
        var kind = switch (refusal.limit().kind()) {
            case REQUESTS_PER_MINUTE, CONCURRENT_REQUESTS -> Kind.TOO_MANY_REQUESTS;
            case TOKENS_PER_MINUTE, TOKENS_PER_DAY -> Kind.TOO_MANY_TOKENS;
            case GPU_SECONDS_PER_MINUTE, GPU_SECONDS_PER_DAY, MONEY_PER_DAY -> Kind.BUDGET_SPENT;
        };
        return new ApiError(kind, refusal.message(), null);
    }

    /** Returns the event by which a stream tells of the error; see {@link ResponseReader#ending}. */
    byte[] toEvent(Dialect dialect, int sequence) {
        var event = new StringBuilder(message.length() + 256);
        switch (dialect) {
            case ANTHROPIC_MESSAGES -> {
                event.append("event: error\ndata: ");
                anthropic(event);
                event.append("\n\n");
            }
            case OPENAI_RESPONSES -> {
                event.append("event: error\ndata: {\"type\":\"error\",\"code\":");
                quote(event, kind.openAiCode);
                event.append(",\"message\":");
                quote(event, message);
                event.append(",\"param\":");
                quote(event, param);
                event.append(",\"error\":");
                openAi(event);
                event.append(",\"sequence_number\":").append(sequence).append("}\n\n");
            }
            case OPENAI_CHAT, OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, RERANK, BY_MODEL, UPLOAD, OTHER -> {
                event.append("data: {\"error\":");
                openAi(event);
                event.append("}\n\ndata: [DONE]\n\n");
            }
        }
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the body of the answer to a client of Anthropic's API, or of OpenAI's, whatever path it asked for. */
    public byte[] toJson(boolean forAnthropic) {
        var json = new StringBuilder(message.length() + 128);
        if (forAnthropic) {
            anthropic(json);
        } else {
            json.append("{\"error\":");
            openAi(json);
            json.append('}');
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the body of the answer in the dialect of {@code path}: Anthropic's below /v1/messages, else OpenAI's. */
    public byte[] toJson(String path) {
        return toJson(Dialect.isAnthropicPath(path));
    }

    private void anthropic(StringBuilder json) {
        json.append("{\"type\":\"error\",\"error\":{\"type\":");
        quote(json, kind.anthropicType);
        json.append(",\"message\":");
        quote(json, message);
        json.append("}}");
    }

    private void openAi(StringBuilder json) {
        json.append("{\"message\":");
        quote(json, message);
        json.append(",\"type\":");
        quote(json, kind.openAiType);
        json.append(",\"param\":");
        quote(json, param);
        json.append(",\"code\":");
        quote(json, kind.openAiCode);
        json.append('}');
    }

    private static void quote(StringBuilder json, @Nullable String value) {
        if (value == null) {
            json.append("null");
            return;
        }
        json.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
