package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeEventsTest {
    private final WholeEvents events = new WholeEvents();

    private static ByteBuf buffer(String text) {
        return ByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(UTF_8));
    }

    private String pass(String text) {
        var passing = events.pass(new DefaultHttpContent(buffer(text)));
        try {
            return passing.content().toString(UTF_8);
        } finally {
            passing.release();
        }
    }

    private String rest() {
        var passing = events.rest(LastHttpContent.EMPTY_LAST_CONTENT);
        try {
            return passing.content().toString(UTF_8);
        } finally {
            passing.release();
        }
    }

    @Test
    void halfAnEventWaitsForItsEnd() {
        assertThat(pass("data: one\n\n")).isEqualTo("data: one\n\n");
        assertThat(pass("data: two\n\ndata: th")).isEqualTo("data: two\n\n");
        assertThat(events.between()).isTrue();
        assertThat(pass("ree\n")).isEmpty();
        assertThat(pass("\n: still there\n\n")).isEqualTo("data: three\n\n: still there\n\n");
        assertThat(pass("data: [DONE]\n")).isEmpty();
        assertThat(rest()).isEqualTo("data: [DONE]\n");
        assertThat(rest()).isEmpty();
    }

    @Test
    void whatPassesWholeIsNotTouched() {
        var content = new DefaultHttpContent(buffer("data: one\r\n\r\n"));
        assertThat(events.pass(content)).isSameAs(content);
        content.release();
    }

    @Test
    void whatIsHeldAtTheEndComesLast() {
        assertThat(pass("data: [DO")).isEmpty();
        var last = events.rest(events.pass(new DefaultLastHttpContent(buffer("NE]\n\ntail"))));
        assertThat(last.content().toString(UTF_8)).isEqualTo("data: [DONE]\n\ntail");
        assertThat(last).isInstanceOf(LastHttpContent.class);
        last.release();
    }

    @Test
    void anEventThatIsTooLongPassesInPieces() {
        String piece = "x".repeat(WholeEvents.MOST_HELD / 2);
        assertThat(pass("data: " + piece)).isEmpty();
        assertThat(pass(piece)).hasSize(6 + 2 * piece.length());
        assertThat(events.between()).isFalse();
        assertThat(pass(piece)).isEqualTo(piece);
        assertThat(pass("end\n\ndata: n")).isEqualTo("end\n\n");
        assertThat(events.between()).isTrue();
        assertThat(pass("ext\n\n")).isEqualTo("data: next\n\n");
        pass("held");
        events.release();
    }

    /** However the bytes are cut: nothing is lost or changed, and what has passed always ends between two events. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void anyCutGivesTheSameStreamInWholeEvents(String lineEnd) {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var stream = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                stream.append(random.nextInt(4) == 0 ? "event: x" + lineEnd : "")
                        .append("data: ")
                        .append("y".repeat(random.nextInt(9)))
                        .append(lineEnd)
                        .append(lineEnd)
                        .append(random.nextInt(9) == 0 ? lineEnd : "");
            }
            String whole = stream.toString();
            var passed = new StringBuilder();
            for (int at = 0; at < whole.length(); ) {
                int to = Math.min(whole.length(), at + 1 + random.nextInt(15));
                passed.append(pass(whole.substring(at, to)));
                assertThat(passed.isEmpty() || passed.toString().endsWith(lineEnd + lineEnd))
                        .as("seed %d: %s", seed, passed)
                        .isTrue();
                at = to;
            }
            passed.append(rest());
            assertThat(passed).as("seed %d", seed).hasToString(whole);
        }
    }
}
