package dev.warmgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.telemetry.RequestSeries.EndpointKey;
import dev.warmgate.telemetry.RequestSeries.ModelKey;
import dev.warmgate.telemetry.RequestSeries.OutcomeKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys of series differ if any part of them does. */
class SeriesKeysTest {
    @Test
    void everyPartCounts() {
        var outcomes = Outcome.values();
        List<Object> keys = List.of(
                new OutcomeKey("p", "m", "d", outcomes[0], "c"),
                new OutcomeKey("x", "m", "d", outcomes[0], "c"),
                new OutcomeKey("p", "x", "d", outcomes[0], "c"),
                new OutcomeKey("p", "m", "x", outcomes[0], "c"),
                new OutcomeKey("p", "m", "d", outcomes[1], "c"),
                new OutcomeKey("p", "m", "d", outcomes[0], "x"),
                new ModelKey("p", "m"),
                new ModelKey("x", "m"),
                new ModelKey("p", "x"),
                new EndpointKey("p", "m"),
                new EndpointKey("x", "m"),
                new EndpointKey("p", "x"));
        assertThat(keys).doesNotHaveDuplicates();
    }

    @Test
    void equalPartsMakeEqualKeys() {
        var outcome = Outcome.OK;
        assertThat(new OutcomeKey("p", "m", "d", outcome, "c"))
                .isEqualTo(new OutcomeKey("p", "m", "d", outcome, "c"))
                .hasSameHashCodeAs(new OutcomeKey("p", "m", "d", outcome, "c"));
        assertThat(new ModelKey("p", "m")).isEqualTo(new ModelKey("p", "m")).hasSameHashCodeAs(new ModelKey("p", "m"));
        assertThat(new EndpointKey("p", "e"))
                .isEqualTo(new EndpointKey("p", "e"))
                .hasSameHashCodeAs(new EndpointKey("p", "e"));
    }
}
