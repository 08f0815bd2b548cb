package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Who sends what in the workloads that have priorities or a tenant who is too loud. */
class ClassesOfWorkloadsTest {
    private static final long SEED = 20_261_127;
    private static final double SECONDS = 600;

    @Test
    void mixedPriorityHasThreeKindsOfTraffic() {
        var plan = Workloads.plan("mixed-priority", SEED, 1);
        var fraud = of(plan, "fraud");
        var chat = of(plan, "chat");
        var batch = of(plan, "batch");
        assertThat(fraud.size() + chat.size() + batch.size())
                .isEqualTo(plan.requests().size());
        assertThat(fraud).allMatch(request -> request.priority() == 10 && request.after() < 0);
        assertThat(chat).allMatch(request -> request.priority() == 0);
        assertThat(batch).allMatch(request -> request.priority() == -10 && request.after() < 0);

        assertThat(fraud.size() / SECONDS)
                .as("checks per second, seed %d", SEED)
                .isCloseTo(5, within(0.3));
        assertThat(fraud.stream().map(request -> request.input().getFirst()).distinct())
                .as("instructions that all share")
                .singleElement()
                .extracting(Message::tokens)
                .isEqualTo(3_000);
        var histories = fraud.stream()
                .mapToInt(request -> request.input().getLast().tokens())
                .sorted()
                .toArray();
        assertThat((double) histories[histories.length / 2]).isCloseTo(1_500, within(100.0));
        assertThat(histories[histories.length - 1]).isLessThanOrEqualTo(8_000);
        assertThat(mean(fraud, PlannedRequest::outputTokens)).isCloseTo(20, within(1.0));

        assertThat(chat.stream().filter(request -> request.after() < 0).count() / SECONDS)
                .as("conversations per second, seed %d", SEED)
                .isCloseTo(6.4, within(0.4));
        assertThat(chat).filteredOn(PlannedRequest::continues).hasSizeGreaterThan(chat.size() / 2);

        assertThat(batch.size() / SECONDS)
                .as("documents per second, seed %d", SEED)
                .isCloseTo(22.5, within(0.7));
        assertThat(batch)
                .allMatch(request -> request.inputTokens() >= 4_000
                        && request.inputTokens() <= 12_000
                        && request.outputTokens() >= 200
                        && request.outputTokens() <= 600);
        assertThat(batch.stream().map(PlannedRequest::input).distinct())
                .as("documents")
                .hasSize(batch.size());
    }

    @Test
    void theNoisyTenantSendsAsOftenAsTheOthersButTenTimesAsMuch() {
        var plan = Workloads.plan("noisy-tenant", SEED, 1);
        assertThat(plan.requests()).allMatch(request -> request.priority() == 0 && request.tenant() != null);
        assertThat(plan.requests().stream().map(PlannedRequest::tenant).distinct())
                .containsExactlyInAnyOrder("quiet-1", "quiet-2", "quiet-3", "quiet-4", "noisy");
        var noisy = of(plan, "noisy");
        assertThat(noisy.size() / SECONDS)
                .as("prompts per second, seed %d", SEED)
                .isCloseTo(4.1, within(0.3));
        double quietPrompts = 0;
        int quietRequests = 0;
        for (int i = 0; i < plan.requests().size(); i++) {
            if (!"noisy".equals(plan.requests().get(i).tenant())) {
                quietPrompts += plan.promptTokens(i);
                quietRequests++;
            }
        }
        assertThat(mean(noisy, PlannedRequest::inputTokens) / (quietPrompts / quietRequests))
                .as("times as long, seed %d", SEED)
                .isCloseTo(10, within(0.7));
        for (int tenant = 1; tenant <= 4; tenant++) {
            var quiet = of(plan, "quiet-" + tenant);
            assertThat(quiet.size() / (double) quietRequests)
                    .as("share, seed %d", SEED)
                    .isCloseTo(0.25, within(0.02));
            assertThat(quiet.stream()
                            .filter(request -> request.after() < 0)
                            .map(request -> request.input().getFirst())
                            .distinct())
                    .as("system prompts")
                    .hasSize(1);
        }
    }

    @Test
    void everyPartOfMixedHasATenant() {
        assertThat(Workloads.plan("mixed", SEED, 1).requests())
                .allMatch(request -> request.tenant() != null && request.priority() == 0)
                .extracting(PlannedRequest::tenant)
                .contains("coding", "batch", "tenant-0");
    }

    private static List<PlannedRequest> of(Plan plan, String tenant) {
        return plan.requests().stream()
                .filter(request -> tenant.equals(request.tenant()))
                .toList();
    }

    private static double mean(List<PlannedRequest> requests, ToDoubleFunction<PlannedRequest> value) {
        return requests.stream().mapToDouble(value).average().orElseThrow();
    }
}
