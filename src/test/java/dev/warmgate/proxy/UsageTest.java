package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of streams are counted whether the client asks for them or not. */
class UsageTest {
    private static final String ASKED = "{\"stream_options\":{\"include_usage\":true},";
    private static final String USAGE = "{\"choices\":[],\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":4,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":32}}}";
    private static final String REFUSAL = "{\"error\":{\"message\":\"Unknown field: stream_options\"}}";

    private static boolean isAsked(FakeEngine.Call call) {
        return call.toString().contains("include_usage\":true");
    }

    /** Two events of output, and usage for whoever asks. */
    private static void answer(FakeEngine.Call call) throws IOException {
        call.beginStream();
        call.token("one");
        call.token("two");
        if (isAsked(call)) {
            call.event(USAGE);
        }
        call.endStream();
    }

    @Test
    void theEngineIsAskedAndTheClientDoesNotSeeIt() throws IOException {
        try (var engine = FakeEngine.start(UsageTest::answer);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 3; i++) {
                String text = client.chat(true).response().text();
                assertThat(text)
                        .contains("one", "two")
                        .endsWith("data: [DONE]\n\n")
                        .doesNotContain("usage");
                var report = gateway.report(i);
                assertThat(report.usage()).isEqualTo(new Usage(50, 32, 4));
                assertThat(report.bytesOut()).isEqualTo(text.length());
                String body = Client.chatBody("m", true);
                var seen = engine.requests().getLast();
                assertThat(seen.text()).isEqualTo(ASKED + body.substring(1));
                assertThat(seen.field("content-length")).isEqualTo(Integer.toString(seen.body().length));
                assertThat(report.bytesIn()).isEqualTo(body.length());
            }
            assertThat(engine.connections()).isEqualTo(1);
        }
    }

    @Test
    void whoAsksGetsUsage() throws IOException {
        try (var engine = FakeEngine.start(UsageTest::answer);
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String body = ASKED + Client.chatBody("m", true).substring(1);
            assertThat(client.post("/v1/chat/completions", body).response().text())
                    .contains(USAGE);
            assertThat(engine.requests().getLast().text()).isEqualTo(body);
            assertThat(gateway.report(1).usage()).isEqualTo(new Usage(50, 32, 4));
        }
    }

    @Test
    void bytesThatComeOneByOneGiveTheSame() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    for (String event :
                            new String[] {"{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", USAGE, "[DONE]"}) {
                        for (char c : ("data: " + event + "\n\n").toCharArray()) {
                            call.chunk(String.valueOf(c));
                        }
                    }
                    call.raw("0\r\n\r\n");
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(true).response().text())
                    .isEqualTo("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n");
            assertThat(gateway.report(1).usage()).isEqualTo(new Usage(50, 32, 4));
        }
    }

    @Test
    void aStreamOfAnnouncedLengthIsShortened() throws IOException {
        String text = "data: {\"choices\":[{\"text\":\"a\"}]}\n\n";
        String stream = text + "data: " + USAGE + "\n\n";
        try (var engine = FakeEngine.start(call -> call.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        + "Content-Length: " + stream.length() + "\r\n\r\n" + stream));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 2; i++) {
                var answer = client.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"x\",\"stream\":true}")
                        .response();
                assertThat(answer.text()).isEqualTo(text);
                assertThat(answer.field("content-length")).isNull();
            }
            assertThat(gateway.report(2).usage()).isEqualTo(new Usage(50, 32, 4));
        }
    }

    @Test
    void passivelyNothingIsChangedAndEventsAreCounted() throws IOException {
        try (var engine = FakeEngine.start(UsageTest::answer);
                var gateway = Gateway.start(Gateway::passive, engine.uri());
                var client = gateway.client()) {
            client.chat(true).response();
            assertThat(engine.requests().getLast().text()).isEqualTo(Client.chatBody("m", true));
            var report = gateway.report(1);
            assertThat(report.decision()).isNotNull();
            assertThat(report.usage())
                    .isEqualTo(Usage.estimated(report.decision().promptTokens(), -1, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 422})
    void anEngineThatRefusesTheQuestionIsNotAskedAgain(int status) throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    if (isAsked(call)) {
                        call.json(status, REFUSAL);
                    } else {
                        answer(call);
                    }
                });
                var gateway = Gateway.start(
                        s -> Gateway.timeouts(s.firstByteTimeout(), s.idleTimeout(), s.requestReadTimeout())
                                .apply(s),
                        engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 3; i++) {
                var answer = client.chat(true).response();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).contains("two").endsWith("data: [DONE]\n\n");
                var report = gateway.report(i);
                assertThat(report.outcome()).isEqualTo(Outcome.OK);
                assertThat(report.retries()).isZero();
                assertThat(report.usage().estimated()).isTrue();
                assertThat(report.usage().outputTokens()).isEqualTo(2);
            }
            assertThat(engine.requests()).hasSize(4);
            assertThat(engine.requests().getLast().text()).isEqualTo(Client.chatBody("m", true));
        }
    }

    @Test
    void aRefusalForAnotherReasonReachesTheClient() throws IOException {
        String large = "{\"error\":{\"message\":\"" + "x".repeat(100_000) + " stream_options\"}}";
        try (var engine = FakeEngine.start(call -> {
                    switch (engineSaw(call)) {
                        case "plain" -> call.json(400, "{\"error\":{\"message\":\"max_tokens is too large\"}}");
                        case "large" -> call.json(422, large);
                        default -> call.json(400, REFUSAL); // for whatever is in the client's own field
                    }
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            assertThat(ask(client, "plain").text()).contains("max_tokens");
            assertThat(engine.requests()).hasSize(1);
            assertThat(ask(client, "large").text()).isEqualTo(large);
            assertThat(engine.requests()).hasSize(2);
            assertThat(ask(client, "always").text()).isEqualTo(REFUSAL);
            assertThat(engine.requests()).hasSize(4);
            assertThat(gateway.report(3).outcome()).isEqualTo(Outcome.CLIENT_ERROR);
            // What did not help is no reason to spare the engine.
            assertThat(ask(client, "plain").status()).isEqualTo(400);
            assertThat(engine.requests().getLast().text()).startsWith(ASKED);
        }
    }

    @Test
    void aRefusalThatBreaksOffGoesElsewhere() throws IOException {
        try (var breaking = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 400 Bad\r\nContent-Length: 100\r\n\r\nstream_op");
                    call.reset();
                });
                var engine = FakeEngine.start(UsageTest::answer);
                var gateway = Gateway.start(breaking.uri(), engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(true).response().text()).contains("two").doesNotContain("usage");
            assertThat(gateway.report(1).usage()).isEqualTo(new Usage(50, 32, 4));
        }
    }

    @Test
    void whatCameOfABrokenStreamIsCounted() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.token("two");
                    call.token("three");
                    call.chunk("data: {\"choi");
                    call.awaitDeparture();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(true).responseHead();
            var text = new StringBuilder();
            while (!text.toString().contains("three")) {
                text.append(client.chunk());
            }
            client.reset();
            var report = gateway.report(1);
            assertThat(report.outcome()).isEqualTo(Outcome.CLIENT_GONE);
            assertThat(report.usage().estimated()).isTrue();
            assertThat(report.usage().outputTokens()).isEqualTo(3);
            assertThat(report.usage().promptTokens()).isPositive();
        }
    }

    private static Http.Message ask(Client client, String what) throws IOException {
        String body =
                "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + what + "\"}]}";
        return client.post("/v1/chat/completions", body).response();
    }

    private static String engineSaw(FakeEngine.Call call) {
        String body = new String(call.request.body(), StandardCharsets.UTF_8);
        return body.contains("plain") ? "plain" : body.contains("large") ? "large" : "always";
    }
}
