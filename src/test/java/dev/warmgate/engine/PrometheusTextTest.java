package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {
    /** Keeps every sample as one line of text. */
    private static final class Collector implements PrometheusText.Sink {
        private final List<String> samples = new ArrayList<>();

        @Override
        public boolean wants(String name) {
            return !name.startsWith("unwanted");
        }

        @Override
        public void sample(String name, Map<String, String> labels, double value) {
            samples.add(name + new TreeMap<>(labels) + "=" + value);
        }
    }

    private static List<String> read(String page, int partSize) {
        var collector = new Collector();
        var text = new PrometheusText(collector);
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i += partSize) {
            text.read(bytes, i, Math.min(partSize, bytes.length - i));
        }
        text.end();
        return collector.samples;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1 << 20})
    void readsSamplesWhereverThePartsAreCut(int partSize) {
        String page = """
                # HELP a An example.
                # TYPE a gauge
                a 1
                a{x="1"} 2.5e3 1700000000000
                  a { x = "1" , y="é€" , } -0.5
                unwanted{x="1"} 9
                b_bucket{le="+Inf"} +Inf # {trace_id="abc"} 0.7
                nothing NaN
                last -Inf""";
        assertThat(read(page, partSize))
                .containsExactly(
                        "a{}=1.0",
                        "a{x=1}=2500.0",
                        "a{x=1, y=é€}=-0.5",
                        "b_bucket{le=+Inf}=Infinity",
                        "nothing{}=NaN",
                        "last{}=-Infinity");
    }

    @Test
    void undoesEscapesInLabels() {
        assertThat(read("a{p=\"C:\\\\dir\\n\\\"q\\\" \\x }\"} 1\r\n", 3))
                .containsExactly("a{p=C:\\dir\n\"q\" \\x }}=1.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a ",
                "a one",
                "a 0x10",
                "a 1d",
                "a 1e",
                "a 1.2.3",
                "a --1",
                "a +",
                "a Infinity",
                "a{",
                "a{x",
                "a{x=",
                "a{x=1} 1",
                "a{x=\"1} 1",
                "a{x=\"1\\",
                "a{x=\"1\"",
                "a{x=\"1\"y=\"2\"} 1",
                "a{=\"1\"} 1",
                "{\"a\"} 1",
                "<html>"
            })
    void skipsMalformedLinesAndReadsOn(String line) {
        assertThat(read(line + "\nok 1\n", 5)).containsExactly("ok{}=1.0");
    }

    @Test
    void skipsALineThatIsTooLong() {
        String longLine = "a{x=\"" + "y".repeat(PrometheusText.MAX_LINE_BYTES) + "\"} 1\n";
        assertThat(read("before 1\n" + longLine + "after 2\n", 4096)).containsExactly("before{}=1.0", "after{}=2.0");
    }

    @Test
    void survivesAnyBytes() {
        long seed = 20261124;
        var random = new Random(seed);
        byte[] alphabet = "a{}=\",\\ \n\r\t#1.eE+-\u00e9N".getBytes(StandardCharsets.ISO_8859_1);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            assertThatCode(() -> {
                        var text = new PrometheusText(new Collector());
                        text.read(bytes, 0, bytes.length);
                        text.end();
                    })
                    .as("seed %s, round %s", seed, round)
                    .doesNotThrowAnyException();
        }
    }
}
