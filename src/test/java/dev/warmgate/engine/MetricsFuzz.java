package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Metrics pages of engines: whatever they hold is read or skipped, alike however it is cut. */
public final class MetricsFuzz {
    private MetricsFuzz() {}

    /** Reads one input: a page. */
    public static void fuzzerTestOneInput(byte[] input) {
        var whole = new ArrayList<Object>();
        var reader = new PrometheusText(sink(whole));
        reader.read(input, 0, input.length);
        reader.end();
        for (int step : new int[] {1, 3, 16}) {
            var cut = new ArrayList<Object>();
            var pieces = new PrometheusText(sink(cut));
            for (int from = 0; from < input.length; from += step) {
                pieces.read(input, from, Math.min(step, input.length - from));
            }
            pieces.end();
            assertThat(cut).as("pieces of " + step).isEqualTo(whole);
        }
    }

    private static PrometheusText.Sink sink(List<Object> found) {
        return new PrometheusText.Sink() {
            @Override
            public boolean wants(String name) {
                return true;
            }

            @Override
            public void sample(String name, Map<String, String> labels, double value) {
                found.add(name);
                found.add(Map.copyOf(labels));
                found.add(value);
            }
        };
    }
}
