package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.policy.RoundRobin;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Endpoints of a synthetic model: an overhead, noise upwards, and now and then a long wait for memory. */
class PrefillSpeedsTest {
    private static final long SEED = 20_261_126;
    private static final double DEFAULT = PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN;
    private static final Percentage CLOSE = Percentage.withPercentage(5);

    private final Random random = new Random(SEED);
    private final Fleet fleet = new Fleet(4, new Turns());
    private int prompts;

    /** Each endpoint gets as many requests as any other, whatever is learned. */
    private static final class Turns implements RoutingPolicy {
        private final RoundRobin turns = new RoundRobin();

        @Override
        public String name() {
            return "turns";
        }

        @Override
        public boolean readsPrefixIndex() {
            return true;
        }

        @Override
        public int choose(Candidates candidates) {
            return turns.choose(candidates);
        }
    }

    private double speed(int slot) {
        return fleet.endpoint(slot).prefillSecondsPerToken();
    }

    /** Places a prompt that nobody holds. */
    private Reservation place(int tokens) {
        return fleet.send(Fleet.prompt(prompts++ + "x".repeat(tokens * 4)));
    }

    /** What an engine says that found so many tokens in its cache. */
    private static Usage usage(Reservation reservation, int cachedTokens) {
        return new Usage(reservation.decision().promptTokens(), cachedTokens, 100);
    }

    /** Lets the first token come after {@code ttft} seconds, and the end so many seconds later. */
    private void answer(Reservation reservation, double ttft, double rest, Usage usage) {
        fleet.now += (long) (ttft * 1e9);
        reservation.firstToken();
        fleet.now += (long) (rest * 1e9);
        reservation.settle(usage);
    }

    /** Returns how long a prompt takes of which an endpoint of that speed computes {@code uncached} tokens. */
    private double seconds(double speed, int promptTokens, int uncached) {
        return speed * (PrefillSpeeds.effectiveTokens(promptTokens, uncached) + 350);
    }

    private double noisy(double seconds) {
        return random.nextInt(12) == 0
                ? seconds + 20 * random.nextDouble()
                : seconds * (1 + 0.2 * random.nextDouble() * random.nextDouble());
    }

    /** Sends prompts of 500 to 8,500 tokens in turn to endpoints with these speeds. */
    private void send(int requests, double... speeds) {
        for (int i = 0; i < requests; i++) {
            var reservation = place(500 + random.nextInt(8_000));
            int prompt = reservation.decision().promptTokens();
            double speed = speeds[reservation.endpoint().slot()];
            answer(reservation, noisy(seconds(speed, prompt, prompt)), 2, usage(reservation, 0));
        }
    }

    private void assertSpeeds(double... speeds) {
        for (int slot = 0; slot < speeds.length; slot++) {
            assertThat(speed(slot)).as("endpoint %d, seed %d", slot, SEED).isCloseTo(speeds[slot], CLOSE);
        }
    }

    @Test
    void twentyRequestsTellAnEndpointsSpeed() {
        send(4 * 20, 20e-6, 40e-6, 60e-6, 5e-3);
        assertSpeeds(20e-6, 40e-6, 60e-6, 5e-3);
    }

    @Test
    void equalEndpointsStayEqual() {
        for (int i = 0; i < 10; i++) {
            send(100, 30e-6, 30e-6, 30e-6, 30e-6);
            assertSpeeds(30e-6, 30e-6, 30e-6, 30e-6);
        }
    }

    @Test
    void anEndpointThatBecomesSlowIsLearnedAnew() {
        send(200, 50e-6, 50e-6, 50e-6, 50e-6);
        send(4 * 40, 50e-6, 75e-6, 50e-6, 50e-6);
        assertSpeeds(50e-6, 75e-6, 50e-6, 50e-6);
        send(4 * 40, 50e-6, 50e-6, 50e-6, 50e-6);
        assertSpeeds(50e-6, 50e-6, 50e-6, 50e-6);
    }

    @Test
    void anEndpointOfUnknownSpeedIsTakenForTheMedian() {
        send(3, 1e-3, 1e-3, 1e-3, 1e-3);
        assertSpeeds(DEFAULT, DEFAULT, DEFAULT, DEFAULT);
        for (int i = 0; i < 40; i++) {
            var reservation = place(4_000);
            int prompt = reservation.decision().promptTokens();
            int slot = reservation.endpoint().slot();
            if (slot < 3) {
                answer(reservation, seconds((slot + 1) * 20e-6, prompt, prompt), 2, usage(reservation, 0));
            } else {
                reservation.settle(Usage.UNKNOWN);
            }
        }
        assertSpeeds(20e-6, 40e-6, 60e-6, 40e-6);
    }

    @Test
    void anAnswerInOnePieceTellsNothing() {
        for (int i = 0; i < 80; i++) {
            var reservation = place(4_000);
            // 100 tokens within a millisecond: what is called the first token is the whole answer.
            answer(reservation, 10, 1e-3, i % 2 == 0 ? usage(reservation, 0) : Usage.UNKNOWN);
            place(4_000).settle(usage(reservation, 0));
        }
        assertSpeeds(DEFAULT, DEFAULT, DEFAULT, DEFAULT);
    }

    @Test
    void aFirstTokenInNoTimeTellsNothing() {
        for (int i = 0; i < 80; i++) {
            answer(place(4_000), 0, 1, Usage.UNKNOWN);
        }
        assertSpeeds(DEFAULT, DEFAULT, DEFAULT, DEFAULT);
    }

    @Test
    void theEnginesCountOfCachedTokensIsBelieved() {
        for (int i = 0; i < 40; i++) {
            var reservation = place(8_000);
            int prompt = reservation.decision().promptTokens();
            assertThat(reservation.decision().cachedTokens()).isZero();
            answer(reservation, seconds(30e-6, prompt, prompt - 5_000), 2, usage(reservation, 5_000));
        }
        assertSpeeds(30e-6, 30e-6, 30e-6, 30e-6);
    }

    @Test
    void anEngineMayCountLongerTokens() {
        for (int i = 0; i < 40; i++) {
            var reservation = place(8_000);
            int prompt = reservation.decision().promptTokens();
            answer(reservation, seconds(30e-6, prompt, prompt / 2), 2, new Usage(prompt / 4, prompt / 8, 100));
        }
        assertSpeeds(30e-6, 30e-6, 30e-6, 30e-6);
    }

    @Test
    void ofASilentEngineOnlyPromptsCountThatItNeverHeld() {
        var prompt = Fleet.prompt("x".repeat(160_000));
        for (int round = 0; round < 40; round++) {
            var again = fleet.send(prompt);
            int tokens = again.decision().promptTokens();
            // What it was believed to have evicted was still there; 8 others of that size fill its cache.
            answer(again, round < 4 ? seconds(30e-6, tokens, tokens) : 1e-3, 2, Usage.UNKNOWN);
            for (int i = 0; i < 8; i++) {
                var other = place(40_000);
                answer(other, seconds(30e-6, tokens, tokens), 2, Usage.UNKNOWN);
            }
        }
        assertSpeeds(30e-6, 30e-6, 30e-6, 30e-6);
    }

    @Test
    void aRequestBehindOthersTellsNothing() {
        send(80, 30e-6, 30e-6, 30e-6, 30e-6);
        for (int i = 0; i < 80; i++) {
            var ahead = new Reservation[] {place(4_000), place(4_000), place(4_000), place(4_000)};
            var behind = place(4_000);
            answer(behind, 100, 2, usage(behind, 0));
            for (var reservation : ahead) {
                reservation.settle(Usage.UNKNOWN);
            }
        }
        assertSpeeds(30e-6, 30e-6, 30e-6, 30e-6);
    }

    @Test
    void aShortPromptTellsNothing() {
        for (int i = 0; i < 80; i++) {
            var reservation = place(1_000);
            answer(reservation, 1, 2, usage(reservation, 0));
        }
        assertSpeeds(DEFAULT, DEFAULT, DEFAULT, DEFAULT);
    }

    @Test
    void warmSendsWhatNobodyHoldsToTheFasterOfIdleEndpoints() {
        var warm = new Fleet(2, "warm");
        warm.endpoint(0).prefillSecondsPerToken(60e-6);
        warm.endpoint(1).prefillSecondsPerToken(30e-6);
        var first = warm.send(Fleet.prompt("a".repeat(20_000)));
        assertThat(first.endpoint()).isSameAs(warm.endpoint(1));
        int tokens = first.decision().promptTokens();
        assertThat(warm.endpoint(1).pendingPrefillSeconds())
                .isCloseTo(30e-6 * PrefillSpeeds.effectiveTokens(tokens, tokens), Percentage.withPercentage(0.1));
        assertThat(warm.send(Fleet.prompt("b".repeat(20_000))).endpoint()).isSameAs(warm.endpoint(0));
    }
}
