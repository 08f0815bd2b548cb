package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RolloutsWorkloadTest {
    private static final long SEED = 20_261_125;
    private static final Plan PLAN = RolloutsWorkload.plan(SEED, 9_000, 1);
    private static final List<PlannedRequest> REQUESTS = PLAN.requests();

    private static final List<List<PlannedRequest>> GROUPS = List.copyOf(REQUESTS.stream()
            .collect(Collectors.groupingBy(PlannedRequest::input, LinkedHashMap::new, Collectors.toList()))
            .values());

    @Test
    void groupsHave16SamplesAndAFew256() {
        assertThat(GROUPS).allMatch(group -> group.size() == 16 || group.size() == 256);
        double many = GROUPS.stream().filter(group -> group.size() == 256).count();
        assertThat(many / GROUPS.size()).as("large groups, seed %d", SEED).isCloseTo(0.02, within(0.008));
    }

    @Test
    void theSamplesOfAGroupAreSentInOneInstant() {
        assertThat(GROUPS).allSatisfy(group -> {
            var first = group.getFirst();
            assertThat(group)
                    .allMatch(request -> request.atSeconds() == first.atSeconds()
                            && request.after() == first.after()
                            && request.delaySeconds() == 0
                            && !request.continues());
        });
    }

    @Test
    void aGroupFollowsTheLongestAnswerOfTheOneBefore() {
        var longest = new HashMap<List<Message>, Integer>();
        for (var request : REQUESTS) {
            if (request.after() >= 0) {
                var before = REQUESTS.get(request.after());
                assertThat(before.input()).isNotEqualTo(request.input());
                assertThat(before.outputTokens()).isEqualTo(longest.get(before.input()));
            }
            longest.merge(request.input(), request.outputTokens(), Math::max);
        }
        long workers =
                GROUPS.stream().filter(group -> group.getFirst().after() < 0).count();
        assertThat(workers / 9_000.0).as("workers per second, seed %d", SEED).isCloseTo(0.09, within(0.008));
        assertThat((double) GROUPS.size() / workers).isCloseTo(3, within(0.05));
    }

    @Test
    void hasTheLengthsOfItsDefinition() {
        assertThat(REQUESTS).allMatch(request -> request.outputTokens() >= 1_000 && request.outputTokens() <= 4_000);
        assertThat(GROUPS)
                .allMatch(group -> group.getFirst().inputTokens() >= 1_000
                        && group.getFirst().inputTokens() <= 30_000);
        assertThat(GROUPS.stream()
                        .mapToInt(group -> group.getFirst().inputTokens())
                        .average()
                        .orElse(0))
                .as("prompt, seed %d", SEED)
                .isCloseTo(5_900, within(300.0));
    }
}
