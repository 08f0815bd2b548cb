package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nothing is waited for without an end, and an answer that may not go on is ended. */
class PickerTimesTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String TIMEOUT = "x-request-timeout-ms";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n";
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMinutes(5);

    private static GatewayCall streaming(PickerFixture picker, String... fields) {
        var call = picker.call().post(PATH, fields).body(CHAT.replace("\"m\",", "\"m\",\"stream\":true,"), true);
        call.destination();
        call.forwarded();
        call.responseHeaders(200, "text/event-stream", false);
        assertThat(call.next().hasResponseHeaders()).isTrue();
        call.responseBody(EVENT, false);
        assertThat(call.passed(false)).isEqualTo(EVENT);
        return call;
    }

    @Test
    void aBodyThatDripsDoesNotGetMoreTimeForEachDrop() {
        try (var picker = new PickerFixture(new Options().bodyTimeout(SHORT))) {
            var call = picker.call().post(PATH);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                call.body(" ", false).body("", false);
                return !call.quiet();
            });
            assertThat(call.next().getImmediateResponse().getStatus().getCode()).isEqualTo(408);
            picker.ended(Outcome.CLIENT_ERROR);
            picker.assertAtRest();
        }
    }

    @Test
    void aStreamEndsAtTheRequestsDeadlineByAnEvent() {
        try (var picker = new PickerFixture()) {
            var call = streaming(picker, TIMEOUT, "300");
            assertThat(call.passed(true)).contains("deadline_exceeded").endsWith("data: [DONE]\n\n");
            var report = picker.ended(Outcome.REFUSED);
            assertThat(report.admittance().refusal()).isEqualTo("late");
            call.responseBody(EVENT, false);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void whatCannotTakeAnEventIsResetAtTheDeadline() {
        try (var picker = new PickerFixture()) {
            var inside = streaming(picker, TIMEOUT, "1500");
            inside.responseBody("data: {\"cho", false);
            inside.passed(false);
            assertThat(inside.closed().getCode()).isEqualTo(Status.Code.ABORTED);
            var whole = picker.call().post(PATH, TIMEOUT, "1500").body(CHAT, true);
            whole.destination();
            whole.forwarded();
            whole.responseHeaders(200, "application/json", false);
            assertThat(whole.next().hasResponseHeaders()).isTrue();
            assertThat(whole.closed().getCode()).isEqualTo(Status.Code.ABORTED);
            picker.assertAtRest();
        }
    }

    @Test
    void anAnswerThatDoesNotBeginIsNotWaitedForForEver() {
        try (var picker = new PickerFixture(new Options().answerTimeouts(SHORT, LONG))) {
            var call = picker.call().post(PATH).body(CHAT, true);
            call.destination();
            call.forwarded();
            assertThat(call.next().getImmediateResponse().getStatus().getCode()).isEqualTo(504);
            picker.ended(Outcome.ENDPOINT_ERROR);
            picker.assertAtRest();
        }
    }

    @Test
    void anAnswerThatDoesNotGoOnIsEnded() {
        try (var picker = new PickerFixture(new Options().answerTimeouts(LONG, SHORT))) {
            var call = streaming(picker);
            assertThat(call.passed(true)).contains("sent nothing for too long");
            picker.ended(Outcome.ENDPOINT_ERROR);
            picker.assertAtRest();
        }
    }

    @Test
    void aStreamThatUsesUpItsQuotaEndsAndAnswersTellWhatIsLeft() {
        var limits = QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_DAY, 60);
        var spec = QuotaSpec.of(Map.of(new QuotaScope.OfTenant("default"), limits));
        var base = new QuotaSpec(spec.limits(), spec.defaultTenant(), spec.prices(), 1, spec.wholeAnswerTokens());
        var quotas = new Quotas(new InMemoryQuotaStore(System::nanoTime, InstantSource.system()), base);
        var access = new Access(Access.OPEN.tenancy(), quotas, ModelRewrites.NONE);
        try (var picker = new PickerFixture(new Options().access(access))) {
            var call = picker.call().post(PATH).body(CHAT.replace("\"m\",", "\"m\",\"stream\":true,"), true);
            call.destination();
            call.forwarded();
            call.responseHeaders(200, "text/event-stream", false);
            var fields = call.next()
                    .getResponseHeaders()
                    .getResponse()
                    .getHeaderMutation()
                    .getSetHeadersList();
            assertThat(GatewayCall.field(fields, "x-ratelimit-remaining-tokens"))
                    .isNotEmpty();
            for (int i = 0; i < 100; i++) {
                call.responseBody(EVENT, false);
            }
            var passed = new StringBuilder();
            while (!passed.toString().contains("[DONE]")) {
                var piece = call.next()
                        .getResponseBody()
                        .getResponse()
                        .getBodyMutation()
                        .getStreamedResponse();
                passed.append(piece.getBody().toStringUtf8());
            }
            assertThat(passed.toString()).contains("error");
            assertThat(picker.ended(Outcome.REFUSED).admittance().refusal()).isEqualTo("quota");
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aGatewayThatIsLeftToItselfIsLetGo() {
        try (var picker =
                new PickerFixture(new Options().endpoints("10.0.0.1:8000").failOpen(true))) {
            picker.endpoint(0).reportCheck(false);
            var open = picker.call().post(PATH).body(CHAT, true);
            assertThat(open.next().hasRequestHeaders()).isTrue();
            assertThat(open.forwarded()).isEqualTo(CHAT);
            assertThat(open.closed().getCode()).isEqualTo(Status.Code.OK);
            var own = picker.call().post(PATH).body("{", false).responseHeaders(413, "text/plain", false);
            assertThat(own.next().hasResponseHeaders()).isTrue();
            assertThat(own.closed().getCode()).isEqualTo(Status.Code.OK);
            picker.endpoint(0).reportCheck(true);
            var unseen = picker.call()
                    .modes(BodySendMode.FULL_DUPLEX_STREAMED, BodySendMode.NONE)
                    .post(PATH)
                    .body(CHAT, true);
            unseen.destination();
            unseen.forwarded();
            unseen.responseHeaders(200, "application/json", false);
            assertThat(unseen.next().hasResponseHeaders()).isTrue();
            assertThat(unseen.closed().getCode()).isEqualTo(Status.Code.OK);
            picker.assertAtRest();
        }
    }
}
