package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlanTest {
    @Test
    void theFirstRequestsAreThoseThatComeFirst() {
        var whole = Workloads.plan("coding", 1, 1);
        var first = whole.first(200);
        assertThat(first.requests()).hasSize(200);
        double last = last(first);
        assertThat(whole.requests().stream().filter(r -> r.atSeconds() < last).count())
                .isLessThan(200);
        for (int i = 0; i < first.requests().size(); i++) {
            var request = first.requests().get(i);
            if (request.continues()) {
                assertThat(first.requests().get(request.after()).session()).isEqualTo(request.session());
            }
        }
        assertThat(whole.first(1_000_000)).isSameAs(whole);
    }

    private static double last(Plan plan) {
        return plan.requests().stream()
                .mapToDouble(PlannedRequest::atSeconds)
                .max()
                .orElseThrow();
    }
}
