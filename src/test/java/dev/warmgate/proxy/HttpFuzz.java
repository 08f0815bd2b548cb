package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Bytes of clients, through a real listener to a real engine: every connection comes to its end, no request is answered
 * or sent to the engine twice, and nothing stays behind.
 */
public final class HttpFuzz {
    /** Ends whatever header has begun, and the connection if the request in it is taken for one. */
    private static final String LAST = "\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n";

    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 [2-5][0-9][0-9] ");
    private static final int CHECK_EVERY = 64;

    private static final FakeEngine ENGINE = FakeEngine.start(call -> call.chat("ok"));

    /** An input whose body takes in what was to end the connection keeps it, rightly: the times end it soon. */
    private static final Gateway GATEWAY = Gateway.start(
            s -> Gateway.waits(Duration.ofSeconds(1), Duration.ofMillis(300))
                    .apply(Gateway.timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(100))
                            .apply(s)),
            ENGINE.uri());

    private static int runs;

    private HttpFuzz() {}

    /** Sends one input and what ends it. */
    public static void fuzzerTestOneInput(byte[] input) {
        long before = GATEWAY.proxy().begun();
        int sentBefore = ENGINE.requests().size();
        var received = new ByteArrayOutputStream();
        try (var client = GATEWAY.client()) {
            client.send(input).send(LAST);
            for (int b = client.read(); b >= 0; b = client.read()) {
                received.write(b);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection does not end", e);
        } catch (IOException e) {
            // Reset: also an end, for a client that goes on sending after an error.
        }
        long begun = GATEWAY.proxy().begun() - before;
        long answers = ANSWER.matcher(received.toString(ISO_8859_1)).results().count();
        assertThat(answers).as("answers to " + begun + " requests").isLessThanOrEqualTo(begun);
        assertThat(ENGINE.requests().size() - sentBefore).isLessThanOrEqualTo((int) begun);
        if (++runs % CHECK_EVERY == 0) {
            assertQuiet();
        }
    }

    /** Checks that nothing stays behind. */
    static void assertQuiet() {
        GATEWAY.assertQuiet();
        GATEWAY.reports().clear();
        ENGINE.requests().clear();
    }

    /** Ends what the inputs were sent to; none can follow. */
    static void close() {
        try {
            GATEWAY.close();
            ENGINE.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
