package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.router.quarantine.Standing;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A request under which endpoints die, as far as a gateway lets see it, is refused. */
class PickerPoisonTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String DEADLY = CHAT.replace("\"m\",", "\"m\",\"stream\":true,");

    /** An address where nobody listens any more. */
    private static String dead() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + socket.getLocalPort();
        }
    }

    private static void breaksInsideAStream(PickerFixture picker) {
        var call = picker.call().post(PATH).body(DEADLY, true);
        call.destination();
        call.forwarded();
        call.responseHeaders(200, "text/event-stream", false);
        assertThat(call.next().hasResponseHeaders()).isTrue();
        call.reset();
    }

    private static void breaksBeforeAnAnswer(PickerFixture picker) {
        var call = picker.call().post(PATH).body(DEADLY, true);
        call.destination();
        call.forwarded();
        call.responseHeaders(503, "text/plain", false)
                .responseBody(
                        "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
                        true);
        assertThat(call.next().hasResponseHeaders()).isTrue();
        call.passed(true);
        call.reset();
    }

    private static void awaitDeaths(PickerFixture picker, int count) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> picker.quarantine().list(10).stream()
                                .mapToInt(q -> q.deaths().size())
                                .sum()
                        == count);
    }

    @Test
    void twoDeathsAndItIsRefused() throws Exception {
        try (var picker = new PickerFixture(new Options().endpoints(dead(), dead()))) {
            breaksInsideAStream(picker);
            awaitDeaths(picker, 1);
            assertThat(picker.quarantine().list(10).getFirst().standing()).isEqualTo(Standing.MARKED);
            breaksBeforeAnAnswer(picker);
            awaitDeaths(picker, 2);
            var refused = picker.call().post(PATH).body(DEADLY, true);
            assertThat(refused.next().getImmediateResponse().getStatus().getCode())
                    .isEqualTo(422);
            var other = picker.call().post(PATH).body(CHAT, true);
            assertThat(other.destination()).startsWith("127.0.0.1:");
            other.reset();
            assertThat(picker.report(4)).isNotNull();
            picker.assertAtRest();
        }
    }

    @Test
    void aClientThatLeavesBlamesNobodyWhileTheEndpointLives() throws Exception {
        try (var alive = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var picker = new PickerFixture(new Options().endpoints("127.0.0.1:" + alive.getLocalPort()))) {
            breaksInsideAStream(picker);
            // The question came, so the answer is known a moment later.
            alive.accept().close();
            picker.report(1);
            assertThat(picker.quarantine().isEmpty()).isTrue();
            picker.assertAtRest();
        }
    }
}
