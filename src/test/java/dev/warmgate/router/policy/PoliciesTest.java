package dev.warmgate.router.policy;

import static dev.warmgate.router.Fleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Fleet;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoliciesTest {
    private static final PromptBlocks NO_PROMPT = PromptBlocks.EMPTY;

    @Test
    void roundRobinTakesTurns() {
        var fleet = new Fleet(3, "round-robin");
        var order = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            order.append(fleet.send(NO_PROMPT).endpoint().name());
        }
        assertThat(order).hasToString("e0e1e2e0e1e2e0");
    }

    @Test
    void roundRobinSkipsWhatIsDownAndComesBack() {
        var fleet = new Fleet(3, "round-robin");
        fleet.endpoint(1).reportCheck(false);
        assertThat(counts(fleet, 10)).containsExactlyInAnyOrderEntriesOf(Map.of("e0", 5, "e2", 5));
        fleet.endpoint(1).reportCheck(true);
        // After its slow start.
        fleet.now += 10_000_000_000L;
        assertThat(counts(fleet, 9)).containsEntry("e1", 3);
    }

    @Test
    void weightedSharesFollowTheWeights() {
        // Fleet gives endpoint i the weight i + 1.
        assertThat(counts(new Fleet(3, "weighted"), 60)).isEqualTo(Map.of("e0", 10, "e1", 20, "e2", 30));
    }

    @Test
    void leastRequestsFillsUpEvenly() {
        assertThat(counts(new Fleet(4, "least-requests"), 40).values()).containsOnly(10);
    }

    @Test
    void powerOfTwoNeverTakesTheBusierOfTwo() {
        var fleet = new Fleet(2, "power-of-two");
        assertThat(counts(fleet, 40)).isEqualTo(Map.of("e0", 20, "e1", 20));
    }

    @Test
    void randomReachesEveryEndpoint() {
        var counts = counts(new Fleet(4, "random"), 4000);
        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allMatch(n -> n > 850 && n < 1150);
    }

    @Test
    void sessionHashSticksAndMovesOnlyTheSessionsOfALostEndpoint() {
        var fleet = new Fleet(5, "session-hash");
        var homes = new HashMap<String, String>();
        for (int i = 0; i < 200; i++) {
            homes.put("s" + i, home(fleet, "s" + i));
        }
        assertThat(homes.values()).contains("e0", "e1", "e2", "e3", "e4");
        fleet.endpoint(2).reportCheck(false);
        homes.forEach((session, before) -> {
            if (before.equals("e2")) {
                assertThat(home(fleet, session)).isNotEqualTo("e2");
            } else {
                assertThat(home(fleet, session)).isEqualTo(before);
            }
        });
    }

    @Test
    void sessionHashFallsBackToTheFirstBlock() {
        var fleet = new Fleet(5, "session-hash");
        var first = fleet.send(prompt("hello"));
        var second = fleet.send(prompt("hello", "hi", "what next?"));
        assertThat(second.endpoint()).isSameAs(first.endpoint());
    }

    @Test
    void warmReturnsToWhereTheConversationIs() {
        var fleet = new Fleet(8, "warm");
        String history = "once upon a time ".repeat(200);
        var first = fleet.send(prompt(history));
        first.settle(Usage.UNKNOWN);
        for (int turn = 0; turn < 10; turn++) {
            // Other work keeps the fleet unevenly busy meanwhile.
            fleet.send(prompt("other " + turn));
            var next = fleet.send(prompt(history, "turn " + turn));
            assertThat(next.endpoint()).isSameAs(first.endpoint());
            next.settle(Usage.UNKNOWN);
        }
    }

    @Test
    void warmLeavesAHomeThatIsSwamped() {
        var fleet = new Fleet(2, "warm");
        String shared = "shared ".repeat(20);
        var home = fleet.send(prompt(shared)).endpoint();
        for (int i = 0; i < 60; i++) {
            fleet.send(prompt("unrelated " + i + " padding".repeat(3000)));
        }
        home.reportCheck(true);
        // A short prefix is not worth a long queue.
        for (int i = 0; i < 30; i++) {
            fleet.send(prompt(shared, "question " + i));
        }
        for (var endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).isBetween(30, 62);
        }
    }

    @Test
    void warmGivesAPopularPrefixASecondHomeWhenItsOwnersAreBusy() {
        var fleet = new Fleet(4, "warm");
        String harness = "harness ".repeat(1500);
        for (int i = 0; i < 200; i++) {
            fleet.send(prompt(harness, ("user " + i).repeat(200))).firstToken();
            fleet.now += 10_000_000;
        }
        for (var endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).as(endpoint.name()).isBetween(25, 90);
        }
    }

    private static Map<String, Integer> counts(Fleet fleet, int requests) {
        var counts = new HashMap<String, Integer>();
        for (int i = 0; i < requests; i++) {
            counts.merge(fleet.send(NO_PROMPT).endpoint().name(), 1, Integer::sum);
        }
        return counts;
    }

    private static String home(Fleet fleet, String session) {
        return fleet.send(new InferenceRequest("m", NO_PROMPT, -1, session))
                .endpoint()
                .name();
    }
}
