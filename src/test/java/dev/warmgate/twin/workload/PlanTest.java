package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
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

    @Test
    void someTenantsRequestsAreAPlanOfTheirOwn() {
        var whole = Workloads.plan("noisy-tenant", 1, 1);
        var quiet = whole.of(Set.of("quiet-1", "quiet-2"));
        var expected = whole.requests().stream()
                .filter(r -> "quiet-1".equals(r.tenant()) || "quiet-2".equals(r.tenant()))
                .toList();
        assertThat(quiet.requests()).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            var request = quiet.requests().get(i);
            assertThat(request.session()).isEqualTo(expected.get(i).session());
            assertThat(request.atSeconds()).isEqualTo(expected.get(i).atSeconds());
            if (request.after() >= 0) {
                assertThat(quiet.requests().get(request.after()).session()).isEqualTo(request.session());
            }
        }
        assertThatThrownBy(() -> whole.of(Set.of("quiet-1", "nobody")))
                .hasMessage("tenants: \"nobody\" (expected: noisy, quiet-1, quiet-2, quiet-3, quiet-4)");
        assertThatThrownBy(() -> Workloads.plan("conversation", 1, 1).of(Set.of("nobody")))
                .hasMessage("tenants: \"nobody\" (expected: a workload that has tenants)");
    }

    @Test
    void whatDependsOnARequestIsAllThatFollowsIt() {
        var tree = new Plan(
                "tree", List.of(request(-1), request(0), request(-1), request(0), request(1), request(4), request(2)));
        assertThat(tree.followers(0)).containsExactly(1, 3);
        assertThat(tree.dependents(0)).containsExactlyInAnyOrder(1, 3, 4, 5);
        assertThat(tree.dependents(2)).containsExactly(6);
        assertThat(tree.dependents(5)).isEmpty();
    }

    @Test
    void aSessionsRequestsHaveItsTenantAndPriority() {
        var turn = new Turn(1, List.of(Message.of(Message.Role.USER, new Text(1, 10))), 5);
        var session = new Session("some", 3, List.of(turn, turn)).of("acme", -5).stretched(2);
        var plan = Plan.of(
                "some", Workload.within(List.of(session), 1000, Plan.Pace.UNHURRIED), 1000, Plan.Pace.UNHURRIED);
        assertThat(plan.requests()).hasSize(2).allSatisfy(request -> {
            assertThat(request.tenant()).isEqualTo("acme");
            assertThat(request.priority()).isEqualTo(-5);
            assertThat(request.hasDeadline()).isFalse();
        });
        assertThat(plan.requests().getFirst().atSeconds()).isEqualTo(7);
        assertThat(plan.first(1).requests()).containsExactly(plan.requests().getFirst());
    }

    @Test
    void priorityAndDeadlineStayWithARequest() {
        var request = request(0).withDeadline(3).withPriority(9);
        assertThat(request.withPriority(9).deadlineSeconds()).isEqualTo(3);
        assertThat(request.following(5)).satisfies(moved -> {
            assertThat(moved.after()).isEqualTo(5);
            assertThat(moved.priority()).isEqualTo(9);
            assertThat(moved.deadlineSeconds()).isEqualTo(3);
        });
        assertThat(request.withDeadline(PlannedRequest.NO_DEADLINE).hasDeadline())
                .isFalse();
        assertThatThrownBy(() -> request.withDeadline(0)).hasMessage("deadlineSeconds: 0.0 (expected: above 0)");
        assertThatThrownBy(() -> request.withPriority(1001)).hasMessage("priority: 1001 (expected: -1000 to 1000)");
    }

    private static PlannedRequest request(int after) {
        return new PlannedRequest(
                null,
                null,
                0,
                0,
                after,
                0,
                false,
                List.of(Message.of(Message.Role.USER, new Text(1, 10))),
                List.of(new Text(2, 10)));
    }

    private static double last(Plan plan) {
        return plan.requests().stream()
                .mapToDouble(PlannedRequest::atSeconds)
                .max()
                .orElseThrow();
    }
}
