package dev.warmgate.telemetry.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceIdsTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-ff",
                "cc-" + TRACE + "-" + SPAN + "-01",
                "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like"
            })
    void aValidParentIsContinued(String parent) {
        var trace = new TraceIds(0).begin(parent);
        assertThat(trace.traceId()).isEqualTo(TRACE);
        assertThat(trace.parentSpanId()).isEqualTo(SPAN);
        assertThat(trace.spanId()).matches("[0-9a-f]{16}").isNotEqualTo(SPAN);
        assertThat(trace.sampled()).isTrue();
    }

    @Test
    void theSenderDecidesWhatIsRecorded() {
        assertThat(new TraceIds(1).begin("00-" + TRACE + "-" + SPAN + "-00").sampled())
                .isFalse();
        assertThat(new TraceIds(0).begin("00-" + TRACE + "-" + SPAN + "-01").sampled())
                .isTrue();
    }

    @Test
    void aShareOfTheTracesThatBeginHereIsRecorded() {
        var ids = new TraceIds(0.25);
        var seen = new HashSet<String>();
        int sampled = 0;
        for (int i = 0; i < 4_000; i++) {
            var trace = ids.begin(null);
            seen.add(trace.traceId());
            seen.add(trace.spanId());
            sampled += trace.sampled() ? 1 : 0;
        }
        assertThat(seen).hasSize(8_000);
        // More than ten standard deviations to either side.
        assertThat(sampled).isBetween(700, 1_300);
        assertThat(new TraceIds(0).begin(null).sampled()).isFalse();
        assertThat(new TraceIds(1).begin(null).sampled()).isTrue();
    }
}
