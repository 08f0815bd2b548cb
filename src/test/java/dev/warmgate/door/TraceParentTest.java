package dev.warmgate.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Trace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-0",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "00-" + TRACE + "-" + SPAN + "-01 ",
                "cc-" + TRACE + "-" + SPAN + "-01more",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "0X-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-0G",
                "00-" + TRACE + "_" + SPAN + "-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-" + TRACE + "-00f067aa0ba902bé-01"
            })
    void whatIsNotOfItsFormIsNotValid(String parent) {
        assertThat(TraceParent.valid(parent)).isFalse();
    }

    @Test
    void whatIsWrittenIsValid() {
        assertThat(TraceParent.of(new Trace(TRACE, SPAN, null, true))).isEqualTo("00-" + TRACE + "-" + SPAN + "-01");
        assertThat(TraceParent.valid(TraceParent.of(new Trace(TRACE, SPAN, null, false))))
                .isTrue();
    }
}
