package dev.warmgate.twin.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.report.ProgressView.Bar;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
    private static final List<Bar> BARS =
            List.of(new Bar("warm", 500, 1000, "load 3, 5.2/s"), new Bar("round-robin", 0, 1, ""));

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong();

    @Test
    void redrawsALineForEachRunAndLeavesNothing() {
        try (var view = view(80)) {
            view.show(BARS);
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            view.show(BARS);
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            view.show(BARS);
        }
        var text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text)
                .startsWith("warm             [############............]     500 of 1,000  load 3, 5.2/s")
                .contains("\u001b[2F")
                .endsWith("\u001b[2F\u001b[J");
        assertThat(text.lines()).hasSize(5);
    }

    @Test
    void noLineIsWiderThanTheTerminal() {
        try (var view = view(20)) {
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            view.show(BARS);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)
                        .replaceAll("\u001b\\[[0-9]*[A-Z]", "")
                        .lines())
                .allMatch(line -> line.length() < 20);
    }

    @Test
    void writesALineNowAndThenWhereThereIsNoTerminal() {
        try (var view = view(0)) {
            view.show(BARS);
            now.addAndGet(TimeUnit.SECONDS.toNanos(6));
            view.show(BARS);
            view.show(BARS);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("warm: 500 of 1,000 requests, load 3, 5.2/s\n");
    }

    private ProgressView view(int columns) {
        return new ProgressView(new PrintStream(bytes, true, StandardCharsets.UTF_8), columns, now::get);
    }
}
