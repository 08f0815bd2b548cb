package dev.warmgate.twin.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.twin.fault.Fault;
import dev.warmgate.twin.fault.FaultPlan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each fault looks like on the wire. */
class FaultsTest {
    private static final String SHORT_TIMES = ",stall-time=50ms,vanish-time=100ms,accept-delay=50ms";

    private TwinFleet fleet;
    private TwinReplica replica;

    @BeforeEach
    void start() throws IOException {
        fleet = TwinFleet.start(TwinSettings.DEFAULTS
                .withModels(List.of("tiny"))
                .withReplicas(1)
                .withSpeedUp(200));
        replica = fleet.replica(0);
    }

    @AfterEach
    void stop() {
        fleet.close();
    }

    /** What came until the connection ended, and whether it ended by a reset. */
    private record Seen(String text, boolean reset) {}

    private void plan(String faults) {
        replica.faults(FaultPlan.parse(faults + SHORT_TIMES));
    }

    private Seen ask(boolean stream) throws IOException {
        String body = "{\"model\":\"tiny\",\"max_tokens\":20,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
        var seen = new ByteArrayOutputStream();
        try (var socket =
                new Socket(replica.address().getAddress(), replica.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(US_ASCII));
            socket.getInputStream().transferTo(seen);
            return new Seen(seen.toString(ISO_8859_1), false);
        } catch (SocketException _) {
            return new Seen(seen.toString(ISO_8859_1), true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"slam", "reset-before", "stall-before", "vanish"})
    void noByteOfAnAnswerComes(String fault) throws Exception {
        plan(fault + "=1x");
        assertThat(ask(true)).isEqualTo(new Seen("", true));
        await().until(() -> replica.stats().alive());
        assertThat(ask(true).text()).endsWith("data: [DONE]\n\n\r\n0\r\n\r\n");
        assertThat(replica.stats().engine().running()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset-mid", "stall-mid", "truncate"})
    void anAnswerBreaksOffInsideItsFraming(String fault) throws Exception {
        plan(fault + "=2x");
        var stream = ask(true);
        assertThat(stream.text())
                .startsWith("HTTP/1.1 200")
                .doesNotContain("[DONE]")
                .doesNotEndWith("0\r\n\r\n");
        assertThat(stream.reset()).isEqualTo(!fault.equals("truncate"));
        var whole = ask(false);
        assertThat(whole.text())
                .startsWith("HTTP/1.1 200")
                .contains("content-length")
                .doesNotContain("usage");
        assertThat(whole.reset()).isEqualTo(!fault.equals("truncate"));
        await().until(() -> replica.stats().engine().running() == 0);
        assertThat(ask(false).text()).contains("usage");
    }

    @Test
    void anAnswerEndsEarlyInGoodOrder() throws Exception {
        plan("end-early=2x");
        assertThat(ask(true).text())
                .contains("data: {")
                .doesNotContain("[DONE]")
                .endsWith("0\r\n\r\n");
        String whole = ask(false).text();
        int body = whole.indexOf("\r\n\r\n") + 4;
        assertThat(whole).contains("content-length: " + (whole.length() - body)).doesNotContain("usage");
    }

    @Test
    void answersAreGarbage() throws Exception {
        plan("garbage-http=1x");
        assertThat(ask(true).text()).startsWith("220 mail.example");
        plan("garbage-json=2x");
        assertThat(ask(false).text()).contains("application/json").endsWith("\"choices\":[{");
        assertThat(ask(true).text()).contains("text/event-stream").contains("\"choices\":[{\n\n");
        plan("garbage-events=1x");
        assertThat(ask(true).text()).contains("text/event-stream").contains("<html>");
        plan("status-500=1x,status-503=1x");
        assertThat(ask(true).text()).startsWith("HTTP/1.1 500");
        assertThat(ask(true).text()).startsWith("HTTP/1.1 503");
    }

    @Test
    void aServerVanishesForAWhileAndComesBackEmpty() throws Exception {
        assertThat(ask(false).text()).contains("usage");
        replica.faults(FaultPlan.parse("poison=Hello,vanish-time=1s"));
        assertThat(ask(false)).isEqualTo(new Seen("", true));
        assertThatThrownBy(() -> new Socket(
                                replica.address().getAddress(),
                                replica.address().getPort())
                        .close())
                .isInstanceOf(ConnectException.class);
        assertThat(replica.stats().alive()).isFalse();
        assertThat(replica.faultsHappened()).containsEntry(Fault.VANISH, 1L);
        await().until(() -> replica.stats().alive());
        assertThat(replica.stats().engine().promptTokens()).isZero();
    }

    /** A server that was killed while it had vanished stays away. */
    @Test
    void aKillIsStrongerThanComingBack() throws Exception {
        plan("vanish=1x");
        assertThat(ask(false).reset()).isTrue();
        replica.kill();
        replica.restart();
        assertThat(ask(false).text()).contains("usage");
        replica.kill();
        assertThat(replica.stats().alive()).isFalse();
    }

    @Test
    void anIdleConnectionIsClosedUnannounced() throws Exception {
        plan("idle-close=1x");
        try (var socket =
                new Socket(replica.address().getAddress(), replica.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            String seen = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            assertThat(seen).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("connection: close");
        }
    }

    @Test
    void aConnectionThatIsAcceptedSlowlyIsServedInTheEnd() throws Exception {
        plan("slow-accept=1x");
        assertThat(ask(false).text()).contains("usage");
        assertThat(replica.faultsHappened()).containsEntry(Fault.SLOW_ACCEPT, 1L);
    }

    @Test
    void faultsAreOrderedOverHttp() throws Exception {
        try (var client = new TwinClient(replica)) {
            var set = client.post("/twin/faults", "status-503=1x, seed=5");
            assertThat(set.statusCode()).isEqualTo(200);
            assertThat(ask(false).text()).startsWith("HTTP/1.1 503");
            var shown = TwinClient.JSON.readTree(client.get("/twin/faults").body());
            assertThat(shown.path("faults").asString()).startsWith("status-503=1x,seed=5,");
            assertThat(shown.at("/happened/status-503").asInt()).isEqualTo(1);
            var wrong = client.post("/twin/faults", "nonsense=1");
            assertThat(wrong.statusCode()).isEqualTo(400);
            assertThat(wrong.body()).contains("expected: one of slam");
            assertThat(replica.faultsHappened()).isNotEmpty();
        }
    }
}
