package dev.warmgate.twin.server;

import dev.warmgate.dialect.ApiError;
import org.jspecify.annotations.Nullable;

/**
 * An error answer in vLLM's shapes, which differ from OpenAI's in type and code.
 *
 * @param status HTTP status, repeated in the body
 * @param type vLLM's name for the kind of error
 * @param message what went wrong
 * @param param the field at fault
 */
record VllmError(
        int status, String type, String message, @Nullable String param) {
    /** Returns what vLLM's request validation says to a body it cannot use. */
    static VllmError invalidBody(ApiError error) {
        String field = error.param();
        return new VllmError(
                400,
                "Bad Request",
                "1 validation error:\n  " + error.message(),
                field == null ? "body" : "body." + field);
    }

    static VllmError unknownModel(String model, Iterable<String> served) {
        return new VllmError(
                404,
                "NotFoundError",
                "The model `" + model + "` does not exist. Valid aliases: " + String.join(", ", served) + ".",
                "model");
    }

    static VllmError promptTooLong(int tokens, int most) {
        return new VllmError(
                400,
                "BadRequestError",
                "This model's maximum context length is " + most + " tokens. However, your prompt contains " + tokens
                        + " input tokens, which exceeds this limit even without any output tokens. Please reduce the"
                        + " length of the input prompt. (parameter=input_tokens, value=" + tokens + ")",
                "input_tokens");
    }

    static VllmError tooManyTokens(int asked, int promptTokens, int most) {
        return new VllmError(
                400,
                "BadRequestError",
                "max_tokens=" + asked + " and a prompt of " + promptTokens
                        + " tokens cannot be greater than max_model_len="
                        + most + " together. Please request fewer output tokens. (parameter=max_tokens, value=" + asked
                        + ")",
                "max_tokens");
    }

    static VllmError unknownResponse(String id) {
        return new VllmError(404, "invalid_request_error", "Response with id '" + id + "' not found.", "response_id");
    }

    static VllmError notInBackground() {
        return new VllmError(400, "invalid_request_error", "Cannot cancel a synchronous response.", "response_id");
    }

    static VllmError bodyTooLarge(int most) {
        return new VllmError(
                413, "Request Entity Too Large", "The request body is greater than " + most + " bytes.", null);
    }

    /** Returns an error that a test asked for. */
    static VllmError ordered(int status) {
        return status == 503
                ? new VllmError(
                        503,
                        "Service Unavailable",
                        "The engine is currently busy and cannot accept new requests. Please try again later or on a"
                                + " different instance.",
                        null)
                : new VllmError(
                        status, status >= 500 ? "InternalServerError" : "BadRequestError", "Ordered failure.", null);
    }

    /** Adds the body of the answer; below {@code /v1/messages} in Anthropic's shape. */
    void addTo(ByteBuilder out, String path) {
        if (path.startsWith("/v1/messages")) {
            out.add("{\"type\":\"error\",\"error\":{\"type\":")
                    .quote(type)
                    .add(",\"message\":")
                    .quote(message);
        } else {
            out.add("{\"error\":{\"message\":")
                    .quote(message)
                    .add(",\"type\":")
                    .quote(type)
                    .add(",\"param\":");
            if (param == null) {
                out.add("null");
            } else {
                out.quote(param);
            }
            out.add(",\"code\":").add(status);
        }
        out.add("}}");
    }
}
