package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Trace;
import dev.warmgate.router.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One call after the other, as gateways make them. */
class PickerCallTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String ANSWER = "{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":16}}}";

    @Test
    void aWholeExchange() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH, "x-request-id", "r-1").body(CHAT, true);
            assertThat(call.destination()).isEqualTo("10.0.0.1:8000");
            assertThat(call.forwarded()).isEqualTo(CHAT);
            assertThat(picker.endpoint(0).inFlight()).isEqualTo(1);

            call.responseHeaders(200, "application/json", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            call.responseBody(ANSWER, false);
            assertThat(call.passed(false)).isEqualTo(ANSWER);
            call.responseBody("", true);
            assertThat(call.passed(true)).isEmpty();
            call.reset();

            var report = picker.ended(Outcome.OK);
            assertThat(report.requestId()).isEqualTo("r-1");
            assertThat(report.model()).isEqualTo("m");
            assertThat(report.usage()).isEqualTo(new Usage(20, 16, 7));
            assertThat(report.bytesIn()).isEqualTo(CHAT.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
            assertThat(report.status()).isEqualTo(200);
            picker.assertAtRest();
        }
    }

    @Test
    void aBodyMayBeCutAnywhere() {
        try (var picker = new PickerFixture()) {
            var bytes = ByteString.copyFromUtf8(CHAT);
            int calls = 0;
            for (int cut = 0; cut <= bytes.size(); cut += cut < 80 ? 7 : 1) {
                var call = picker.call()
                        .post(PATH)
                        .body(bytes.substring(0, cut), false)
                        .body(bytes.substring(cut), false)
                        .body(ByteString.EMPTY, true);
                call.destination();
                assertThat(call.forwarded()).isEqualTo(CHAT);
                call.reset();
                assertThat(picker.report(++calls).model()).isEqualTo("m");
            }
            picker.assertAtRest();
        }
    }

    @Test
    void nothingIsSaidBeforeTheWholeBodyIsThere() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body(CHAT.substring(0, 30), false);
            var other = picker.call().post(PATH).body(CHAT, true);
            other.destination();
            assertThat(call.quiet()).isTrue();
            call.reset();
            other.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aLargeBodyGoesOnInSmallPieces() {
        try (var picker = new PickerFixture()) {
            String large = CHAT.replace("Zoë", "ä".repeat(500_000));
            var call = picker.call().post(PATH).body(large, true);
            call.destination();
            assertThat(call.forwarded()).isEqualTo(large);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void trailersEndABodyToo() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body(CHAT, false).trailers();
            call.destination();
            var body =
                    call.next().getRequestBody().getResponse().getBodyMutation().getStreamedResponse();
            assertThat(body.getBody().toStringUtf8()).isEqualTo(CHAT);
            assertThat(body.getEndOfStream()).isFalse();
            assertThat(call.next().hasRequestTrailers()).isTrue();
            call.responseHeaders(200, "application/json", false).responseTrailers();
            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(call.next().hasResponseTrailers()).isTrue();
            picker.ended(Outcome.OK);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aRequestWithoutBodyIsPlacedAtOnce() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().headers("GET", "/v1/models", true);
            assertThat(call.destination()).isEqualTo("10.0.0.1:8000");
            call.responseHeaders(200, "application/json", true);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            picker.ended(Outcome.OK);
            call.reset();
            picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/some/path", "/v1/audio/transcriptions"})
    void whatCannotBeReadIsPlacedByLoadAndPassesAsItComes(String path) {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(path);
            assertThat(call.destination()).isEqualTo("10.0.0.1:8000");
            call.body("\u0000\u0001", false);
            var first =
                    call.next().getRequestBody().getResponse().getBodyMutation().getStreamedResponse();
            assertThat(first.getBody().toStringUtf8()).isEqualTo("\u0000\u0001");
            assertThat(first.getEndOfStream()).isFalse();
            call.body("rest", true);
            assertThat(call.forwarded()).isEqualTo("rest");
            call.reset();
            picker.ended(Outcome.CLIENT_GONE);
            picker.assertAtRest();
        }
    }

    @Test
    void anApiBelowAPathOfTheGatewaysOwnIsUnderstood() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post("/llama/v1/chat/completions?x=1").body(CHAT, true);
            call.destination();
            call.reset();
            var report = picker.report(1);
            assertThat(report.dialect()).isEqualTo("openai-chat");
            assertThat(report.model()).isEqualTo("m");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BUFFERED", "BUFFERED_PARTIAL"})
    void aGatewayThatKeepsBodiesTogether(BodySendMode mode) {
        try (var picker = new PickerFixture()) {
            var call = picker.call().modes(mode, mode).post(PATH);
            var first = call.next().getRequestHeaders().getResponse();
            assertThat(first.hasHeaderMutation()).isFalse();
            call.body(CHAT, true);
            var response = call.next();
            var common = response.getRequestBody().getResponse();
            assertThat(GatewayCall.field(
                            common.getHeaderMutation().getSetHeadersList(), "x-gateway-destination-endpoint"))
                    .isEqualTo("10.0.0.1:8000")
                    .isEqualTo(GatewayCall.metadataDestination(response));
            assertThat(common.getClearRouteCache()).isTrue();
            assertThat(common.hasBodyMutation()).isFalse();
            call.responseHeaders(200, "application/json", false).responseBody(ANSWER, true);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(call.next().getResponseBody().getResponse().hasBodyMutation())
                    .isFalse();
            assertThat(picker.ended(Outcome.OK).usage().outputTokens()).isEqualTo(7);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aGatewayThatShowsBodiesOnlyAfterTheHeaderIsAnswered() {
        try (var picker = new PickerFixture()) {
            var call = picker.call()
                    .modes(BodySendMode.STREAMED, BodySendMode.STREAMED)
                    .post(PATH);
            call.destination();
            call.body(CHAT, true);
            assertThat(call.next().getRequestBody().getResponse().hasBodyMutation())
                    .isFalse();
            call.responseHeaders(200, "application/json", false).responseBody(ANSWER, true);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(call.next().getResponseBody().getResponse().hasBodyMutation())
                    .isFalse();
            picker.ended(Outcome.OK);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aGatewayThatShowsNoBodies() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().modes(BodySendMode.NONE, BodySendMode.NONE).post(PATH);
            call.destination();
            call.responseHeaders(200, "application/json", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            picker.ended(Outcome.OK);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aSilentGatewayThatShowsNoBodiesIsNotWaitedForForLong() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().silent().post(PATH);
            call.destination();
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aStreamIsReadAsItPasses() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body(CHAT.replace("{\"model\"", "{\"stream\":true,\"model\""), true);
            call.destination();
            call.forwarded();
            call.responseHeaders(200, "text/event-stream", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(picker.endpoint(0).pendingPrefillTokens()).isPositive();
            for (int i = 0; i < 3; i++) {
                String event = "data: {\"choices\":[{\"delta\":{\"content\":\"w" + i + "\"}}]}\n\n";
                call.responseBody(event, false);
                assertThat(call.passed(false)).isEqualTo(event);
                assertThat(picker.endpoint(0).pendingPrefillTokens()).isZero();
            }
            call.responseBody(
                    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3}}\n\n", false);
            call.responseBody("data: [DONE]\n\n", true);
            call.passed(false);
            call.passed(true);
            var report = picker.ended(Outcome.OK);
            assertThat(report.stream()).isTrue();
            assertThat(report.usage().outputTokens()).isEqualTo(3);
            assertThat(report.ttftNanos()).isPositive();
            assertThat(report.itlNanos()).isNotNegative();
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void fallbacksAreNamedInOrder() {
        try (var picker = new PickerFixture(new Options().fallbacks(2))) {
            var first = picker.call().post(PATH).body(CHAT, true);
            assertThat(first.destination()).startsWith("10.0.0.1:8000,");
            var second = picker.call().post(PATH).body(CHAT, true);
            // The one with a request comes last.
            assertThat(second.destination()).isEqualTo("10.0.0.2:8000,[fd00::3]:8000,10.0.0.1:8000");
            first.reset();
            second.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aTracedRequestGoesOnAsOurChild() {
        String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        String ours = "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01";
        try (var picker = new PickerFixture()) {
            picker.trace();
            int calls = 0;
            for (String sent : List.of(parent, "nonsense")) {
                var call = picker.call()
                        .post(PATH, "x-request-id", "r", "traceparent", sent, "tracestate", "a=1")
                        .body(CHAT, true);
                var mutation = call.next().getRequestHeaders().getResponse().getHeaderMutation();
                assertThat(mutation.getSetHeadersList())
                        .filteredOn(f -> f.getHeader().getKey().equals("traceparent"))
                        .extracting(f -> f.getHeader().getRawValue().toStringUtf8())
                        .containsExactly(ours);
                boolean valid = sent.equals(parent);
                assertThat(mutation.getRemoveHeadersList().contains("tracestate"))
                        .isEqualTo(!valid);
                call.reset();
                assertThat(picker.report(++calls).trace())
                        .isEqualTo(new Trace(
                                "4bf92f3577b34da6a3ce929d0e0e4736", "53995c3f42cd8ad8", valid ? parent : null, true));
            }
            picker.assertAtRest();
        }
    }

    @Test
    void onlyWhatSteersIsTakenFromTheHeader() {
        try (var picker = new PickerFixture()) {
            var call = picker.call()
                    .post(
                            PATH,
                            "authorization",
                            "Bearer k",
                            "x-gateway-destination-endpoint",
                            "169.254.169.254:80",
                            "x-prefiller-host-port",
                            "10.9.9.9:80",
                            "x-llm-d-inference-objective",
                            "o",
                            "x-custom",
                            "stays")
                    .body(CHAT, true);
            var mutation = call.next().getRequestHeaders().getResponse().getHeaderMutation();
            assertThat(mutation.getRemoveHeadersList())
                    .containsExactlyInAnyOrder(
                            "x-gateway-destination-endpoint", "x-prefiller-host-port", "x-llm-d-inference-objective");
            assertThat(mutation.getSetHeadersList())
                    .extracting(f -> f.getHeader().getKey())
                    .containsExactlyInAnyOrder("x-gateway-destination-endpoint", "x-request-id");
            call.reset();
            picker.assertAtRest();
        }
    }
}
