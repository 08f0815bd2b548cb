package dev.warmgate.router;

import static dev.warmgate.router.Fleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Explanation.Price;
import dev.warmgate.router.Explanation.Term;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reasons, under a policy whose prices the test sets; then every real policy. */
class ExplainerTest {
    private static final String SHARED = "x".repeat(4000);

    private final Fixed policy = new Fixed();

    static List<String> policies() {
        return Policies.names();
    }

    /** The price of each endpoint by hand; the cheapest is chosen, the first one of equals. */
    private static final class Fixed implements RoutingPolicy {
        private double[] costs = {};
        private double[] ttfts = {};

        @Override
        public String name() {
            return "fixed";
        }

        @Override
        public boolean readsPrefixIndex() {
            return true;
        }

        @Override
        public int choose(Candidates candidates) {
            int best = 0;
            for (int i = 1; i < candidates.size(); i++) {
                best = costs[candidates.endpoint(i).slot()]
                                < costs[candidates.endpoint(best).slot()]
                        ? i
                        : best;
            }
            return best;
        }

        @Override
        public Price price(Candidates candidates, int i) {
            int slot = candidates.endpoint(i).slot();
            return new Price(
                    costs[slot],
                    List.of(new Term("given", costs[slot])),
                    slot < ttfts.length ? ttfts[slot] : Double.NaN);
        }
    }

    private void costs(double... costs) {
        policy.costs = costs;
    }

    private void ttfts(double... seconds) {
        policy.ttfts = seconds;
    }

    private static Explanation explain(Fleet fleet, PromptBlocks prompt) {
        var decision = fleet.send(new InferenceRequest("m", prompt, -1, null).explained())
                .decision();
        return Objects.requireNonNull(decision.explanation());
    }

    @Test
    void coldAndEquallyBusy() {
        costs(1, 1, 1);
        var explanation = explain(new Fleet(3, policy), prompt(SHARED));
        assertThat(explanation.reason())
                .isEqualTo("no endpoint holds any of the 1,005 tokens; e0 was drawn from 3 that are least busy, with 0"
                        + " requests in flight");
        assertThat(explanation.chosen().facts()).isEqualTo(new Explanation.Facts(0, 0, 0, 0, 1005));
    }

    @Test
    void coldAndLeastBusy() {
        var fleet = new Fleet(2, policy);
        costs(1, 2);
        fleet.send(PromptBlocks.EMPTY);
        costs(2, 1);
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo(
                        "no endpoint holds any of the 1,005 tokens; e1 is the least busy, with 0 requests in flight");
        assertThat(explain(fleet, PromptBlocks.EMPTY).reason())
                .isEqualTo("e1 costs the least, 1.0 s; e0 would cost 1.0 s more");
    }

    @Test
    void warmAndTheNextWouldAnswerSooner() {
        var fleet = new Fleet(2, policy);
        costs(0.1, 1);
        fleet.send(prompt(SHARED));
        ttfts(1.2, 0.8);
        var explanation = explain(fleet, prompt(SHARED, "y".repeat(400)));
        assertThat(explanation.reason())
                .isEqualTo("e0 holds 1,005 of 1,110 prompt tokens; e1 would answer 0.4 s sooner but recompute 1,005"
                        + " tokens");
        assertThat(Objects.requireNonNull(explanation.runnerUp()).endpoint()).isEqualTo("e1");
    }

    @Test
    void warmAndTheNextWouldAnswerLater() {
        var fleet = new Fleet(2, policy);
        costs(0.1, 1);
        fleet.send(prompt(SHARED));
        ttfts(0.05, 0.07);
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo(
                        "e0 holds 1,005 of 1,005 prompt tokens; e1 would recompute 1,005 tokens and answer 20 ms later");
        ttfts();
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo("e0 holds 1,005 of 1,005 prompt tokens; e1 would recompute 1,005 tokens");
    }

    @Test
    void warmInTwoPlaces() {
        var fleet = new Fleet(2, policy);
        costs(1, 2);
        fleet.send(prompt(SHARED)).settle(Usage.UNKNOWN);
        costs(2, 1);
        fleet.send(prompt(SHARED));
        costs(1, 12);
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo("e0 holds 1,005 of 1,005 prompt tokens; e1 holds as much but has 1 request in flight against"
                        + " 0 and would cost 11 s more");
        costs(1, 1);
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo("e0 holds 1,005 of 1,005 prompt tokens; e1 holds as much at the same cost");
    }

    @Test
    void spillToASecondHome() {
        var fleet = new Fleet(3, policy);
        costs(1, 2, 3);
        fleet.send(prompt(SHARED));
        costs(1.5, 1, 2);
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo("e1 computes 1,005 tokens that e0 holds: e0 has 1 request in flight against 0 and would cost"
                        + " 0.5 s more");
        costs(1.5, 2, 1);
        assertThat(explain(fleet, prompt(SHARED, "more")).reason())
                .startsWith("e2 computes 1,005 tokens that e0 holds: e0 has 1 request in flight");
    }

    @Test
    void aSingleCandidate() {
        costs(1);
        var fleet = new Fleet(1, policy);
        assertThat(explain(fleet, prompt(SHARED)).reason()).isEqualTo("e0 is the only candidate");
        assertThat(explain(fleet, prompt(SHARED)).reason())
                .isEqualTo("e0 is the only candidate; it holds 1,005 of 1,005 prompt tokens");
    }

    @Test
    void withoutPricesTheLoadIsToldAndNothingIsClaimed() {
        var fleet = new Fleet(3, "round-robin");
        fleet.send(prompt(SHARED));
        fleet.send(prompt(SHARED));
        fleet.send(prompt(SHARED));
        fleet.send(prompt(SHARED)).settle(Usage.UNKNOWN);
        fleet.send(prompt(SHARED));
        var explanation = explain(fleet, prompt(SHARED));
        assertThat(explanation.reason())
                .isEqualTo("round-robin compares no costs; e2 has 1 request in flight (others 1 to 2)");
        assertThat(explanation.runnerUp()).isNull();
        assertThat(explanation.candidates()).allSatisfy(candidate -> {
            assertThat(candidate.price()).isEqualTo(Price.NONE);
            assertThat(candidate.facts().cacheKnown()).isFalse();
        });
    }

    @ParameterizedTest
    @MethodSource("policies")
    void explanationsAgreeWithDecisionsAndChangeNone(String name) {
        long seed = 20250;
        var random = new Random(seed);
        var asked = new Fleet(5, name);
        var silent = new Fleet(5, name);
        var open = new ArrayList<List<Reservation>>();
        for (int i = 0; i < 2000; i++) {
            var prompt = prompt("topic ".repeat(100) + random.nextInt(9), "question " + random.nextInt(20));
            var request = new InferenceRequest("m", prompt, -1, "s" + random.nextInt(10));
            var one = asked.send(request.explained());
            var other = silent.send(request);
            assertThat(one.decision().endpoint())
                    .as("seed %d, request %d", seed, i)
                    .isEqualTo(other.decision().endpoint());
            check(one.decision());
            open.add(List.of(one, other));
            while (open.size() > random.nextInt(40)) {
                open.remove(random.nextInt(open.size())).forEach(reservation -> {
                    reservation.firstToken();
                    reservation.settle(Usage.UNKNOWN);
                });
            }
        }
    }

    private static void check(Decision decision) {
        var explanation = Objects.requireNonNull(decision.explanation());
        var chosen = explanation.chosen();
        assertThat(chosen.endpoint()).isEqualTo(decision.endpoint());
        assertThat(explanation.candidates()).hasSize(5);
        assertThat(explanation.reason()).contains(chosen.endpoint());
        assertThat(chosen.price().costSeconds()).isEqualTo(Double.valueOf(decision.costSeconds()));
        if (chosen.facts().cacheKnown()) {
            assertThat(chosen.facts().cachedTokens()).isEqualTo(decision.cachedTokens());
            assertThat(chosen.facts().cachedTokens() + chosen.facts().uncachedTokens())
                    .isEqualTo(decision.promptTokens());
        }
        if (chosen.price().known()) {
            assertThat(explanation.candidates().getFirst()).isEqualTo(chosen);
            var names = chosen.price().terms().stream().map(Term::name).toList();
            assertThat(explanation.candidates())
                    .allSatisfy(candidate -> assertThat(candidate.price().terms())
                            .extracting(Term::name)
                            .isEqualTo(names));
        }
    }
}
