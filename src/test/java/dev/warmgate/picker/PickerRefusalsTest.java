package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.router.RequestReport.Outcome;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are refused, that wait, or that go elsewhere than was said. */
class PickerRefusalsTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String ANSWER = "{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":7,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":16}}}";

    @Test
    void aRequestThatIsWrongIsAnsweredInItsDialect() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body("{\"model\":\"m\",\"messages\":7}", true);
            var own = call.next().getImmediateResponse();
            assertThat(own.getStatus().getCode()).isEqualTo(400);
            assertThat(own.getBody().toStringUtf8()).contains("invalid_request_error", "messages");
            assertThat(GatewayCall.field(own.getHeaders().getSetHeadersList(), "content-type"))
                    .isEqualTo("application/json");
            assertThat(call.closed().getCode()).isEqualTo(Status.Code.OK);
            assertThat(picker.ended(Outcome.CLIENT_ERROR).bytesOut())
                    .isEqualTo(own.getBody().size());
            picker.assertAtRest();
        }
    }

    @Test
    void anUnknownModelIsNamedInAnthropicsDialectToo() {
        try (var picker = new PickerFixture()) {
            picker.pool().endpoints().forEach(e -> e.models(Set.of("m")));
            var call = picker.call()
                    .post("/v1/messages")
                    .body(
                            "{\"model\":\"none\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                            true);
            var own = call.next().getImmediateResponse();
            assertThat(own.getStatus().getCode()).isEqualTo(404);
            assertThat(own.getBody().toStringUtf8()).contains("\"type\":\"error\"", "not_found_error", "none");
            picker.assertAtRest();
        }
    }

    @Test
    void whoWaitsIsToldWhenThereIsRoom() {
        try (var picker = new PickerFixture(new Options().kvTokens(100).endpoints("10.0.0.1:8000"))) {
            var first = picker.call().post(PATH).body(CHAT, true);
            first.destination();
            var second = picker.call().post(PATH).body(CHAT, true);
            await().atMost(Duration.ofSeconds(20)).until(() -> picker.pool().waiting() == 1);
            assertThat(second.quiet()).isTrue();
            first.reset();
            assertThat(second.destination()).isEqualTo("10.0.0.1:8000");
            second.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void whoLeavesWhileWaitingHoldsNoPlace() {
        try (var picker = new PickerFixture(new Options().kvTokens(100).endpoints("10.0.0.1:8000"))) {
            var first = picker.call().post(PATH).body(CHAT, true);
            first.destination();
            var second = picker.call().post(PATH).body(CHAT, true);
            await().atMost(Duration.ofSeconds(20)).until(() -> picker.pool().waiting() == 1);
            second.reset();
            await().atMost(Duration.ofSeconds(20)).until(() -> picker.pool().waiting() == 0);
            first.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedWhileItComes() {
        try (var picker = new PickerFixture(new Options().maxBodyBytes(1000))) {
            var call = picker.call().post(PATH).body("x".repeat(900), false).body("x".repeat(101), false);
            var own = call.next().getImmediateResponse();
            assertThat(own.getStatus().getCode()).isEqualTo(413);
            assertThat(own.getBody().toStringUtf8()).contains("1000 bytes", "limits.maxBodyBytes");
            picker.ended(Outcome.CLIENT_ERROR);
            picker.assertAtRest();
        }
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedForForEver() {
        try (var picker = new PickerFixture(new Options().bodyTimeout(Duration.ofMillis(300)))) {
            var call = picker.call().post(PATH).body("{", false);
            assertThat(call.next().getImmediateResponse().getStatus().getCode()).isEqualTo(408);
            picker.ended(Outcome.CLIENT_ERROR);
            picker.assertAtRest();
        }
    }

    @Test
    void withoutAnyEndpointTheRequestIsRefusedOrLeftToTheGateway() {
        for (boolean open : new boolean[] {false, true}) {
            try (var picker =
                    new PickerFixture(new Options().endpoints("10.0.0.1:8000").failOpen(open))) {
                picker.endpoint(0).reportCheck(false);
                var call = picker.call().post(PATH).body(CHAT, true);
                var response = call.next();
                if (open) {
                    assertThat(response.getRequestHeaders()
                                    .getResponse()
                                    .getHeaderMutation()
                                    .getSetHeadersList())
                            .noneMatch(f -> f.getHeader().getKey().equals("x-gateway-destination-endpoint"));
                    assertThat(call.forwarded()).isEqualTo(CHAT);
                } else {
                    assertThat(response.getImmediateResponse().getStatus().getCode())
                            .isEqualTo(503);
                    assertThat(GatewayCall.field(
                                    response.getImmediateResponse().getHeaders().getSetHeadersList(), "retry-after"))
                            .isNotEmpty();
                }
                call.reset();
                picker.assertAtRest();
            }
        }
    }

    @Test
    void garbageEndsTheCallAndNothingElse() {
        try (var picker = new PickerFixture()) {
            var twice = picker.call().post(PATH).post(PATH);
            assertThat(twice.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            var early = picker.call().body(CHAT, true);
            assertThat(early.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            var late = picker.call().post(PATH).body(CHAT, true).body("more", true);
            assertThat(late.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            var empty = picker.call().send(ProcessingRequest.newBuilder());
            assertThat(empty.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            var answerFirst = picker.call().responseHeaders(200, "text/plain", true);
            assertThat(answerFirst.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            var bodyFirst = picker.call().responseBody("x", true);
            assertThat(bodyFirst.closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            picker.assertAtRest();
            var good = picker.call().post(PATH).body(CHAT, true);
            good.destination();
            good.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aGatewayThatAnswersByItselfIsBelieved() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body("{", false).responseHeaders(413, "text/plain", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            picker.ended(Outcome.CLIENT_GONE);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void onlyTheSubsetThatTheGatewayNamesIsChosenFrom() {
        try (var picker = new PickerFixture()) {
            var byPort = picker.call()
                    .subset("10.0.0.2:8000", "10.9.9.9:1")
                    .post(PATH)
                    .body(CHAT, true);
            assertThat(byPort.destination()).isEqualTo("10.0.0.2:8000");
            var byHost = picker.call().post(PATH).subset("fd00::3").body(CHAT, true);
            assertThat(byHost.destination()).isEqualTo("[fd00::3]:8000");
            var bodiless = picker.call().subset("10.0.0.2:8000").headers("GET", "/v1/models", true);
            assertThat(bodiless.destination()).isEqualTo("10.0.0.2:8000");
            byPort.reset();
            byHost.reset();
            bodiless.reset();
            picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.9.9.9:8000"})
    void withoutAnybodyInTheSubsetTheRequestIsRefused(String subset) {
        try (var picker = new PickerFixture()) {
            var call = picker.call().subset(subset).post(PATH).body(CHAT, true);
            assertThat(call.next().getImmediateResponse().getStatus().getCode()).isEqualTo(503);
            picker.ended(Outcome.NO_ENDPOINT);
            picker.assertAtRest();
        }
    }

    @Test
    void whoReallyServedIsBooked() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body(CHAT, true);
            assertThat(call.destination()).isEqualTo("10.0.0.1:8000");
            call.forwarded();
            call.served("10.0.0.2:8000").responseHeaders(200, "application/json", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(picker.endpoint(0).inFlight()).isZero();
            assertThat(picker.endpoint(1).inFlight()).isEqualTo(1);
            call.responseBody(ANSWER, true);
            call.passed(true);
            var report = picker.ended(Outcome.OK);
            assertThat(report.retries()).isEqualTo(1);
            assertThat(report.decision()).isNotNull();
            assertThat(report.decision().endpoint()).isEqualTo("10.0.0.2:8000");
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aStrangerThatServedIsNobodysLoad() {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH).body(CHAT, true);
            call.destination();
            call.forwarded();
            call.served("10.7.7.7:8000").responseHeaders(200, "application/json", false);
            assertThat(call.next().hasResponseHeaders()).isTrue();
            call.responseBody(ANSWER, true);
            call.passed(true);
            assertThat(picker.ended(Outcome.OK).usage().outputTokens()).isEqualTo(7);
            call.reset();
            picker.assertAtRest();
        }
    }
}
