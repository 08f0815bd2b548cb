package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.router.tenancy.Classification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class ApiErrorTest {
    @Test
    void hasTheShapeOfOpenAi() {
        var error = new ApiError(Kind.MODEL_NOT_FOUND, "The model \"x\"\n\\ does not exist.\u0001", "model");
        assertThat(json(error, "/v1/chat/completions"))
                .isEqualTo("{\"error\":{\"message\":\"The model \\\"x\\\"\\u000a\\\\ does not exist.\\u0001\","
                        + "\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"model_not_found\"}}");
        assertThat(json(new ApiError(Kind.INVALID_REQUEST, "é", null), "/v1/nothing"))
                .isEqualTo("{\"error\":{\"message\":\"é\",\"type\":\"invalid_request_error\",\"param\":null,"
                        + "\"code\":null}}");
    }

    @Test
    void hasTheShapeOfAnthropicBelowItsPath() {
        String expected = "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"later\"}}";
        var error = new ApiError(Kind.UNAVAILABLE, "later", null);
        assertThat(json(error, "/v1/messages")).isEqualTo(expected);
        assertThat(json(error, "/v1/messages?beta=true")).isEqualTo(expected);
        assertThat(json(error, "/v1/messages/count_tokens")).isEqualTo(expected);
        assertThat(json(error, "/v1/messages2")).contains("server_error");
        assertThat(json(error, "/")).contains("server_error");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_REQUEST, 400, invalid_request_error, , invalid_request_error",
        "KEY_REFUSED, 401, invalid_request_error, invalid_api_key, authentication_error",
        "FORBIDDEN, 403, invalid_request_error, permission_denied, permission_error",
        "MODEL_REFUSED, 403, invalid_request_error, model_not_allowed, permission_error",
        "NOT_FOUND, 404, invalid_request_error, , not_found_error",
        "MODEL_NOT_FOUND, 404, invalid_request_error, model_not_found, not_found_error",
        "METHOD_NOT_ALLOWED, 405, invalid_request_error, method_not_supported, invalid_request_error",
        "BODY_TIMEOUT, 408, invalid_request_error, request_timeout, timeout_error",
        "BODY_TOO_LARGE, 413, invalid_request_error, request_too_large, request_too_large",
        "HEADERS_TOO_LARGE, 431, invalid_request_error, headers_too_large, request_too_large",
        "INTERNAL, 500, server_error, internal_error, api_error",
        "ENDPOINT_FAILED, 502, server_error, bad_gateway, api_error",
        "UNAVAILABLE, 503, server_error, service_unavailable, overloaded_error",
        "ENDPOINT_TIMEOUT, 504, server_error, gateway_timeout, timeout_error"
    })
    void namesEachKindAsTheApisDo(Kind kind, int status, String openAiType, String openAiCode, String anthropicType) {
        assertThat(kind.status()).isEqualTo(status);
        var openAi = JsonMapper.shared().readTree(new ApiError(kind, "m", null).toJson("/v1/models"));
        assertThat(openAi.path("error").path("type").stringValue()).isEqualTo(openAiType);
        assertThat(openAi.path("error").path("code").stringValue(null)).isEqualTo(openAiCode);
        var anthropic = JsonMapper.shared().readTree(new ApiError(kind, "m", null).toJson("/v1/messages"));
        assertThat(anthropic.path("error").path("type").stringValue()).isEqualTo(anthropicType);
    }

    @ParameterizedTest
    @CsvSource({
        "MISSING_KEY, 401",
        "UNKNOWN_KEY, 401",
        "MODEL_NOT_ALLOWED, 403",
        "UNKNOWN_OBJECTIVE, 400",
        "PRIORITY_NOT_GRANTED, 400",
        "BAD_HEADER, 400"
    })
    void saysWhyARequestHasNoStanding(Classification.Reason reason, int status) {
        var error = ApiError.of(new Classification.Refused(reason, "why"));
        assertThat(error.kind().status()).isEqualTo(status);
        assertThat(error.message()).isEqualTo("why");
    }

    @ParameterizedTest
    @EnumSource
    void writesAnyText(Kind kind) {
        var odd = new StringBuilder();
        for (char c = 0; c < 0x200; c++) {
            odd.append(c);
        }
        odd.append("\uD83D\uDE00");
        var json = JsonMapper.shared().readTree(new ApiError(kind, odd.toString(), null).toJson("/"));
        assertThat(json.path("error").path("message").stringValue()).isEqualTo(odd.toString());
    }

    private static String json(ApiError error, String path) {
        return new String(error.toJson(path), UTF_8);
    }
}
