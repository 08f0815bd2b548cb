package dev.warmgate.router.policy;

import static dev.warmgate.router.Fleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.Decision;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.Explanation.Term;
import dev.warmgate.router.Fleet;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.policy.Weights.Part;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each term of the cost is for. */
class WarmTest {
    private static final long SECOND = 1_000_000_000;

    /** Of about 4,000 tokens. */
    private static final String SHARED = "shared ".repeat(2_300);

    /** A request that is in flight and has nothing to prefill. */
    private static final PromptBlocks NOTHING = PromptBlocks.EMPTY;

    /** Sends a prompt where the test wants it: all other endpoints failed it already. */
    private static Reservation place(Fleet fleet, int slot, PromptBlocks prompt) {
        var others = new HashSet<>(fleet.pool.endpoints());
        others.remove(fleet.endpoint(slot));
        var result = fleet.router.route(new InferenceRequest("m", prompt, -1, null), others);
        return ((RouteResult.Routed) result).reservation();
    }

    private static void busy(Fleet fleet, int slot, int requests) {
        for (int i = 0; i < requests; i++) {
            place(fleet, slot, NOTHING).firstToken();
        }
    }

    /** Lets an endpoint answer many new questions about {@link #SHARED} within an instant. */
    private static void makePopular(Fleet fleet, int slot) {
        for (int i = 0; i < 100; i++) {
            place(fleet, slot, prompt(SHARED, "question " + i + " at " + fleet.now))
                    .settle(Usage.UNKNOWN);
        }
    }

    private static Decision decide(Fleet fleet, PromptBlocks prompt) {
        var reservation = fleet.send(new InferenceRequest("m", prompt, -1, null).explained());
        reservation.settle(Usage.UNKNOWN);
        return reservation.decision();
    }

    private static double term(Decision decision, String endpoint, String name) {
        return Objects.requireNonNull(decision.explanation()).candidates().stream()
                .filter(candidate -> candidate.endpoint().equals(endpoint))
                .flatMap(candidate -> candidate.price().terms().stream())
                .filter(term -> term.name().equals(name))
                .mapToDouble(Term::seconds)
                .sum();
    }

    private static void capacity(Fleet fleet, long tokens) {
        for (var endpoint : fleet.pool.endpoints()) {
            endpoint.engineLoad(new EngineLoad(0, 0, 0, Double.NaN, tokens, -1, -1));
        }
    }

    @Test
    void aPromptThatAllHoldLevelsTheirLoad() {
        var fleet = new Fleet(8, "warm");
        for (int slot = 0; slot < 8; slot++) {
            place(fleet, slot, prompt(SHARED)).settle(Usage.UNKNOWN);
            busy(fleet, slot, 2 * slot);
        }
        for (int i = 0; i < 200; i++) {
            var reservation = fleet.send(prompt(SHARED));
            assertThat(reservation.decision().cachedTokens())
                    .isEqualTo(reservation.decision().promptTokens());
        }
        // 200 and the 56 before, in 8 places.
        for (var endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).as(endpoint.name()).isBetween(29, 35);
        }
    }

    @Test
    void theOnlyHomeOfAPromptIsNoBlackHole() {
        var fleet = new Fleet(8, "warm");
        place(fleet, 0, prompt("hello ".repeat(200))).settle(Usage.UNKNOWN);
        for (int i = 0; i < 200; i++) {
            fleet.send(prompt("hello ".repeat(200))).firstToken();
        }
        for (var endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).as(endpoint.name()).isBetween(22, 28);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20_000, 200_000})
    void aHomeWhoseMemoryIsFullIsAvoided(long capacity) {
        var fleet = new Fleet(2, "warm");
        capacity(fleet, capacity);
        place(fleet, 1, NOTHING).settle(Usage.UNKNOWN);
        place(fleet, 0, prompt("short ".repeat(600))).settle(Usage.UNKNOWN);
        place(fleet, 0, prompt("long ".repeat(15_000))).firstToken();
        fleet.now += 300 * SECOND;
        var decision = decide(fleet, prompt("short ".repeat(600)));
        double elsewhere = term(decision, "e1", "prefill") + term(decision, "e1", "others");
        if (capacity == 20_000) {
            assertThat(term(decision, "e0", "memory")).isGreaterThan(elsewhere);
            assertThat(decision.endpoint()).isEqualTo("e1");
            assertThat(decision.cachedTokens()).isZero();
        } else {
            assertThat(term(decision, "e0", "memory")).isZero();
            assertThat(decision.endpoint()).isEqualTo("e0");
            assertThat(decision.cachedTokens()).isEqualTo(decision.promptTokens());
        }
        assertThat(term(decision, "e1", "memory")).isZero();
    }

    @Test
    void answersFillTheMemoryAsTimeGoesBy() {
        var fleet = new Fleet(2, "warm");
        capacity(fleet, 20_000);
        var first = place(fleet, 0, prompt("short ".repeat(600)));
        first.firstToken();
        fleet.now += 10 * SECOND;
        // 50 tokens a second.
        first.settle(new Usage(905, 0, 500));
        for (int i = 0; i < 4; i++) {
            place(fleet, 0, NOTHING).firstToken();
        }
        fleet.now += 10 * SECOND;
        assertThat(decide(fleet, prompt("short ".repeat(600))).endpoint()).isEqualTo("e0");
        fleet.now += 90 * SECOND;
        var late = decide(fleet, prompt("short ".repeat(600)));
        assertThat(late.endpoint()).isEqualTo("e1");
        // 4 answers of 5,000 tokens, and our prompt.
        double over = ((20_000 + late.promptTokens()) / 20_000.0 - 0.8) / 0.2;
        assertThat(term(late, "e0", "memory")).isCloseTo(0.2 * over * over, within(1e-3));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyAPopularPrefixOfABusyHomeEarnsASecondOne(boolean popular) {
        var fleet = new Fleet(4, "warm");
        place(fleet, 0, prompt(SHARED)).settle(Usage.UNKNOWN);
        // Whatever was popular is not any more.
        makePopular(fleet, 0);
        fleet.now += 1_200 * SECOND;
        if (popular) {
            makePopular(fleet, 0);
        }
        busy(fleet, 0, 60);
        var decision = decide(fleet, prompt(SHARED, "one more"));
        if (popular) {
            assertThat(decision.endpoint()).isNotEqualTo("e0");
        } else {
            assertThat(decision.endpoint()).isEqualTo("e0");
        }
    }

    @Test
    void aPopularPrefixStaysWhereItIsWhileItsHomeIsNotBusy() {
        var fleet = new Fleet(4, "warm");
        place(fleet, 0, prompt(SHARED)).settle(Usage.UNKNOWN);
        makePopular(fleet, 0);
        for (int slot = 0; slot < 4; slot++) {
            busy(fleet, slot, 30);
        }
        assertThat(decide(fleet, prompt(SHARED, "one more")).endpoint()).isEqualTo("e0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOwnerThatIsDownDoesNotCoolAPrefix(boolean down) {
        var fleet = new Fleet(3, "warm");
        place(fleet, 0, prompt(SHARED)).settle(Usage.UNKNOWN);
        place(fleet, 1, prompt(SHARED)).settle(Usage.UNKNOWN);
        fleet.now += 300 * SECOND;
        makePopular(fleet, 0);
        busy(fleet, 0, 60);
        // Idle, were it there.
        fleet.endpoint(1).reportCheck(!down);
        assertThat(decide(fleet, prompt(SHARED, "one more")).endpoint()).isEqualTo(down ? "e2" : "e1");
    }

    @ParameterizedTest
    @EnumSource(
            value = Part.class,
            names = {"CLOCK", "HISTORY"})
    void theWaitShrinksWithTheClockUnlessThatIsLeftOut(Part without) {
        var fleet = new Fleet(2, new Warm("test", Weights.DEFAULT.without(without)));
        place(fleet, 0, prompt("a".repeat(20_000))).settle(Usage.UNKNOWN);
        fleet.now += 300 * SECOND;
        // Its first token does not come.
        place(fleet, 0, prompt("b".repeat(64_000)));
        double pending = fleet.endpoint(0).pendingPrefillSeconds();
        assertThat(pending).isBetween(1.0, 1.4);
        var atOnce = decide(fleet, prompt("a".repeat(20_000)));
        assertThat(term(atOnce, "e0", "wait")).isCloseTo(pending, within(1e-6));
        assertThat(atOnce.endpoint()).isEqualTo("e1");
        fleet.pool.forgetPrefixes(fleet.endpoint(1));
        fleet.now += 10 * SECOND;
        var later = decide(fleet, prompt("a".repeat(20_000)));
        if (without == Part.CLOCK) {
            assertThat(term(later, "e0", "wait")).isCloseTo(pending, within(1e-6));
            assertThat(later.endpoint()).isEqualTo("e1");
        } else {
            assertThat(term(later, "e0", "wait")).isCloseTo(0.3 * pending, within(1e-6));
            assertThat(later.endpoint()).isEqualTo("e0");
        }
    }

    @Test
    void newPromptsAvoidWhereMuchIsPrefilled() {
        var fleet = new Fleet(2, "warm");
        place(fleet, 0, prompt("a".repeat(64_000))).firstToken();
        place(fleet, 1, NOTHING).firstToken();
        for (int i = 0; i < 3; i++) {
            // One more request there weighs less than the seconds of prefill here.
            busy(fleet, 1, 1);
            assertThat(decide(fleet, prompt("cold " + i + "x".repeat(2_000))).endpoint())
                    .isEqualTo("e1");
        }
    }

    @Test
    void onePartIsLeftOutAndNoOther() {
        var all = new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0.3, 0.7, 0.6, 0.4, true);
        for (var part : Part.values()) {
            var expected = switch (part) {
                case QUEUE -> new Weights(0, 0.4, 3, 1, 0.9, 2, 0.3, 0.7, 0.6, 0.4, true);
                // Then the only thing that prefill costs is time, and that counts as it is.
                case OTHERS -> new Weights(1.5, 1, 0, 1, 0.9, 2, 0.3, 0.7, 0.6, 0.4, true);
                case UTILISATION -> new Weights(1.5, 0.4, 3, 0, 0.9, 2, 0.3, 0.7, 0.6, 0.4, true);
                case CONGESTION -> new Weights(1.5, 0.4, 3, 1, 0, 2, 0.3, 0.7, 0.6, 0.4, true);
                case INVESTMENT -> new Weights(1.5, 0.4, 3, 1, 0.9, 0, 0.3, 0.7, 0.6, 0.4, true);
                case HISTORY -> new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0, 0.7, 0.6, 0.4, true);
                case DECODE -> new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0.3, 0, 0.6, 0.4, true);
                case MEMORY -> new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0.3, 0.7, 0, 0.4, true);
                case STALLS -> new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0.3, 0.7, 0.6, 0, true);
                case CLOCK -> new Weights(1.5, 0.4, 3, 1, 0.9, 2, 0.3, 0.7, 0.6, 0.4, false);
            };
            assertThat(all.without(part)).as("without %s", part).isEqualTo(expected);
        }
    }

    @Test
    void nobodyWouldHaveCostLessThanTheChosenOne() {
        var random = new Random(11);
        var fleet = new Fleet(40, "warm");
        capacity(fleet, 20_000);
        var running = new ArrayDeque<Reservation>();
        for (int i = 0; i < 3_000; i++) {
            fleet.now += random.nextLong(SECOND / 10);
            var text = "harness " + random.nextInt(3) + "x".repeat(3_000) + random.nextInt(60) + "y".repeat(6_000);
            var reservation = fleet.send(new InferenceRequest("m", prompt(text), -1, null).explained());
            var explanation = Objects.requireNonNull(reservation.decision().explanation());
            var costs = explanation.candidates().stream()
                    .mapToDouble(candidate -> candidate.price().costSeconds());
            assertThat(explanation.chosen().price().costSeconds())
                    .isEqualTo(costs.min().orElseThrow())
                    .isEqualTo(reservation.decision().costSeconds());
            running.add(reservation);
            if (random.nextBoolean()) {
                reservation.firstToken();
            }
            if (running.size() > 400) {
                running.remove().settle(new Usage(2_000, -1, random.nextInt(2, 400)));
            }
        }
    }
}
