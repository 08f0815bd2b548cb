package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.door.ModelRewrites.Rule;
import dev.warmgate.door.ModelRewrites.Target;
import dev.warmgate.proxy.Gateway.Options;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that get another model than their body names. */
class RewriteTest {
    private static final String CHAT = "/v1/chat/completions";

    private static Options options() {
        var rules = List.of(new Rule("alias", List.of(new Target("a-longer-name", 1))), new Rule("closed", List.of()));
        return Options.DEFAULT.access(
                new Access(Access.OPEN.tenancy(), Access.OPEN.quotas(), new ModelRewrites(rules)));
    }

    @Test
    void theEngineGetsTheOtherModelAndTheClientsBytes() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(options(), engine.uri());
                var client = gateway.client()) {
            assertThat(client.post(CHAT, Client.chatBody("alias", false))
                            .response()
                            .status())
                    .isEqualTo(200);
            var seen = engine.requests().getLast();
            assertThat(seen.text()).isEqualTo(Client.chatBody("a-longer-name", false));
            assertThat(seen.field("content-length")).isEqualTo(Integer.toString(seen.body().length));
            assertThat(gateway.report(1).model()).isEqualTo("a-longer-name");

            assertThat(client.post(CHAT, Client.chatBody("closed", false))
                            .response()
                            .status())
                    .isEqualTo(400);
            assertThat(engine.requests()).hasSize(1);
        }
    }

    @Test
    void theQuestionForUsageIsAskedBesides() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("one");
                    call.endStream();
                });
                var gateway = Gateway.start(options(), engine.uri());
                var client = gateway.client()) {
            var _ = client.post(CHAT, Client.chatBody("alias", true)).response().text();
            assertThat(engine.requests().getLast().text())
                    .isEqualTo("{\"stream_options\":{\"include_usage\":true},"
                            + Client.chatBody("a-longer-name", true).substring(1));
        }
    }

    @Test
    void theHeaderNamesAModelAndDoesNotReachTheEngine() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String wish = "X-LLM-D-Model-Name-Rewrite: wished\r\n";
            assertThat(client.post(
                                    CHAT,
                                    wish,
                                    Client.chatBody("m", false).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            .response()
                            .status())
                    .isEqualTo(200);
            var seen = engine.requests().getLast();
            assertThat(seen.text()).isEqualTo(Client.chatBody("wished", false));
            assertThat(seen.field("x-llm-d-model-name-rewrite")).isNull();
        }
    }
}
