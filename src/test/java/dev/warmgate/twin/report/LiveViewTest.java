package dev.warmgate.twin.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.load.LoadProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private static final EndpointSample BUSY = new EndpointSample(31, 12, 0.874, 1_000_000, 412_000);
    private static final EndpointSample IDLE = new EndpointSample(0, 0, 0, 0, 0);
    private static final LiveState STATE = new LiveState(
            14.2,
            List.of(
                    new LiveState.PolicyState(
                            "round-robin", new LoadProgress(3000, 43, 1200, 0, 1210, 8.25, 1_000_000, 412_000)),
                    new LiveState.PolicyState("warm", new LoadProgress(0, 0, 0, 0, 0, 0, 0, 0))),
            0,
            List.of(BUSY, IDLE));

    @Test
    void drawsEndpointsAndPolicies() {
        assertThat(String.join("\n", new TerminalFrame(80, 24, false).render("Warmgate demo", STATE)))
                .isEqualTo("""

                        Warmgate demo

                        endpoint   in flight   queue   KV use                                 hit rate
                               1          31      12   ##########################.... 87 %       41 %
                               2           0       0   ..............................  0 %        0 %

                        > round-robin   ###....   1,200 of 3,000  mean TTFT  8.25 s  hit 41 %  0 failed
                          warm          waits for its turn
                        14 s""");
    }

    @Test
    void neverExceedsTheTerminal() {
        var many = new LiveState(1, STATE.policies(), 0, Collections.nCopies(64, BUSY));
        for (int width : new int[] {1, 20, 60, 80, 200}) {
            for (int height : new int[] {5, 16, 24, 100}) {
                var lines = new TerminalFrame(width, height, true).render("Warmgate demo", many);
                assertThat(lines).allMatch(line -> line.length() < width);
                assertThat(lines).hasSizeLessThan(height);
            }
        }
        assertThat(new TerminalFrame(80, 24, true).render("", many)).contains("  and 50 more");
    }

    @Test
    void redrawsInPlaceAndGivesTheCursorBack() {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var view = new TerminalView(out, "Warmgate demo", () -> TerminalSize.DEFAULT);
        view.say("hello");
        view.show(STATE);
        view.show(STATE);
        view.close();
        view.close();
        view.show(STATE);
        view.say("too late");
        var text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text).contains("hello\n").endsWith("\u001b[?25h").doesNotContain("too late");
        assertThat(text.split("\u001b\\[10F", -1)).hasSize(2);
        assertThat(text.split("\u001b\\[\\?25h", -1)).hasSize(2);
    }

    @Test
    void writesALineEveryFewSecondsWhereThereIsNoTerminal() {
        var bytes = new ByteArrayOutputStream();
        try (var view = new PlainView(new PrintStream(bytes, true, StandardCharsets.UTF_8))) {
            view.show(STATE);
            view.show(new LiveState(15, STATE.policies(), 0, STATE.endpoints()));
            view.show(new LiveState(18, STATE.policies(), 0, STATE.endpoints()));
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("""
                          14 s  round-robin: 1,200 of 3,000 requests, 43 in flight, 12 queued, KV use 44 %, hit rate 41 %, TTFT mean 8.25 s
                          18 s  round-robin: 1,200 of 3,000 requests, 43 in flight, 12 queued, KV use 44 %, hit rate 41 %, TTFT mean 8.25 s
                        """);
    }

    @Test
    void readsTheTerminalsSize() {
        assertThat(TerminalSize.parse("50 132\n")).isEqualTo(new TerminalSize(132, 50));
        assertThat(TerminalSize.parse("0 0\n")).isEqualTo(TerminalSize.DEFAULT);
        assertThat(TerminalSize.parse("")).isEqualTo(TerminalSize.DEFAULT);
        assertThat(TerminalSize.parse("what")).isEqualTo(TerminalSize.DEFAULT);
    }
}
