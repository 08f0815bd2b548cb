package dev.warmgate.twin.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.demo.DemoLoad;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import org.junit.jupiter.api.Test;

class BenchTest {
    @Test
    void theFirstRequestsAreThoseThatComeFirst() {
        var whole = DemoLoad.plan(1, 1);
        var first = Bench.first(whole, 200);
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
        assertThat(Bench.first(whole, 1_000_000)).isSameAs(whole);
    }

    private static double last(Plan plan) {
        return plan.requests().stream()
                .mapToDouble(PlannedRequest::atSeconds)
                .max()
                .orElseThrow();
    }
}
