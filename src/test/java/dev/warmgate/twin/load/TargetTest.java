package dev.warmgate.twin.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.twin.load.FakeEngine.Behaviour;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TargetTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void targetsAreCheckedAndReadAsPeopleWriteThem() {
        assertThat(Target.parse("http://127.0.0.1:8080/v1/")).isEqualTo(URI.create("http://127.0.0.1:8080"));
        assertThat(Target.parse("https://llm.example.com/team")).isEqualTo(URI.create("https://llm.example.com/team"));
        for (var bad : List.of("", "127.0.0.1:8080", "ftp://x", "http://", "http://a b", "http://x?y=1")) {
            assertThatThrownBy(() -> Target.parse(bad)).hasMessageStartingWith("\"" + bad + "\" (expected: a URL");
        }
    }

    @Test
    void anEngineTakesIgnoreEos() throws Exception {
        try (var engine = new FakeEngine((_, out) -> answer(out, "200 OK", "{\"choices\":[]}"))) {
            assertThat(Target.takesIgnoreEos(engine.address(), "some-model", "key", PATIENCE))
                    .isTrue();
            assertThat(engine.bodies)
                    .containsExactly("{\"model\":\"some-model\",\"max_tokens\":1,"
                            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"ignore_eos\":true}");
            assertThat(engine.heads.getFirst().toLowerCase(Locale.ROOT)).contains("authorization: bearer key");
        }
    }

    @Test
    void aServerThatRefusesTheFieldIsAskedWithoutIt() throws Exception {
        Behaviour strict = (body, out) -> body.contains("ignore_eos")
                ? answer(
                        out,
                        "400 Bad Request",
                        "{\"error\":{\"message\":\"Unrecognized request argument supplied: ignore_eos\"}}")
                : answer(out, "200 OK", "{\"choices\":[]}");
        try (var engine = new FakeEngine(strict)) {
            assertThat(Target.takesIgnoreEos(engine.address(), "some-model", null, PATIENCE))
                    .isFalse();
            assertThat(engine.bodies).hasSize(2);
        }
    }

    @Test
    void anyOtherRefusalIsALineWithTheServersReason() throws Exception {
        Behaviour refusing = (_, out) -> answer(
                out, "401 Unauthorized", "{\"error\":{\"message\":\"Incorrect API key provided.\\nSee the docs.\"}}");
        try (var engine = new FakeEngine(refusing)) {
            assertThatThrownBy(() -> Target.takesIgnoreEos(engine.address(), "some-model", null, PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            engine.address() + "/v1/chat/completions answers status 401: Incorrect API key provided.");
        }
        try (var engine = new FakeEngine((_, out) -> answer(out, "502 Bad Gateway", "<html>"))) {
            assertThatThrownBy(() -> Target.takesIgnoreEos(engine.address(), "some-model", null, PATIENCE))
                    .hasMessage(engine.address() + "/v1/chat/completions answers status 502");
        }
    }

    private static boolean answer(OutputStream out, String status, String body) throws IOException {
        out.write(("HTTP/1.1 " + status + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body).getBytes(UTF_8));
        out.flush();
        return true;
    }
}
