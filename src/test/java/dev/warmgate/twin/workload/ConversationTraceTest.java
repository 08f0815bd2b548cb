package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConversationTraceTest {
    private static final long SEED = 20_261_124;

    @Test
    void holdsTheWholePublishedTrace() {
        var whole = ConversationTrace.whole();
        assertThat(whole).hasSize(12_031);
        assertThat(whole.getFirst())
                .isEqualTo(new TraceRequest(0, 6_758, 500, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)));
        assertThat(whole.getLast().timestampMillis()).isEqualTo(3_536_999);
        assertThat(whole.stream().mapToLong(TraceRequest::inputTokens).sum()).isEqualTo(144_793_823L);
        assertThat(whole.stream().mapToLong(TraceRequest::outputTokens).sum()).isEqualTo(4_122_048L);
        assertThat(whole.stream()
                        .flatMap(request -> request.blocks().stream())
                        .mapToLong(block -> block)
                        .sum())
                .isEqualTo(23_407_000_830L);
    }

    @Test
    void theSliceIsEveryFifthConversationOfTenMinutes() {
        var slice = ConversationTrace.slice();
        assertThat(slice).hasSize(366);
        assertThat(slice.getFirst().timestampMillis()).isZero();
        assertThat(slice.getFirst().blocks()).startsWith(0, 34_852, 34_853).hasSize(20);
        assertThat(slice.getLast().timestampMillis()).isEqualTo(599_999);
        assertThat(slice.stream().mapToLong(TraceRequest::inputTokens).sum()).isEqualTo(4_719_434L);
        assertThat(slice.stream().mapToLong(TraceRequest::outputTokens).sum()).isEqualTo(122_936L);
    }

    @Test
    void recordedArrivalsComeInBursts() {
        var plan = Workloads.plan("conversation-raw", SEED, 2);
        assertThat(plan.requests()).hasSize(12_031);
        assertThat(plan.requests().stream().map(PlannedRequest::atSeconds).distinct())
                .hasSizeLessThan(1_200);
        assertThat(plan.requests().getLast().atSeconds()).isCloseTo(2 * 3_536.999, within(1e-6));
    }

    @Test
    void spreadArrivalsStayWithinTheirTick() {
        var raw = Workloads.plan("conversation-raw", SEED, 1).requests();
        var spread = Workloads.plan("conversation", SEED, 1).requests();
        assertThat(spread).hasSameSizeAs(raw);
        assertThat(spread.stream().map(PlannedRequest::atSeconds).distinct()).hasSizeGreaterThan(12_000);
        for (int i = 0; i < raw.size(); i++) {
            assertThat(spread.get(i).atSeconds() - raw.get(i).atSeconds()).isBetween(-0.01, 3.0);
            if (i > 0) {
                assertThat(spread.get(i).atSeconds())
                        .isGreaterThanOrEqualTo(spread.get(i - 1).atSeconds());
            }
        }
    }

    @Test
    void requestsOfOneConversationCarryItsName() {
        var plan = Workloads.plan("conversation-raw", SEED, 1);
        for (var request : plan.requests()) {
            var parts = request.input().getFirst().parts();
            assertThat(request.session()).isEqualTo("c-" + (parts.get(1).stream() - TraceWorkload.BLOCK_STREAM));
        }
    }
}
