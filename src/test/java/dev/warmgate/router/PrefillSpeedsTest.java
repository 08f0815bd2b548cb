package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints of a synthetic model: overhead, noise upwards, and now and then a long wait for memory. */
class PrefillSpeedsTest {
    private static final long SEED = 20_261_126;
    private static final double DEFAULT = PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN;

    private final Random random = new Random(SEED);
    private final Fleet fleet = new Fleet(4, "warm");
    private int prompts;

    /** What the engines say about a prompt of which nothing was cached. */
    private static Usage cold(int promptTokens) {
        return new Usage(promptTokens, 0, 100);
    }

    private double speed(int slot) {
        return fleet.endpoint(slot).prefillSecondsPerToken();
    }

    /** Places a prompt that nobody holds; the endpoint is whichever the policy likes. */
    private Reservation place(int tokens) {
        return fleet.send(Fleet.prompt(prompts++ + "x".repeat(tokens * 4)));
    }

    /** Lets the first token come after {@code seconds}, and the others in two more seconds. */
    private void answer(Reservation reservation, double seconds, Usage usage) {
        fleet.now += (long) (seconds * 1e9);
        reservation.firstToken();
        fleet.now += 2_000_000_000L;
        reservation.settle(usage);
    }

    /** Returns how long a prefill takes at an endpoint with that speed. */
    private double noisy(double secondsPerToken, int tokens) {
        double seconds = secondsPerToken * (PrefillSpeeds.effectiveTokens(tokens, tokens) + 350);
        if (random.nextInt(12) == 0) {
            return seconds + 20 * random.nextDouble();
        }
        return seconds * (1 + 0.2 * random.nextDouble() * random.nextDouble());
    }

    private void converse(int requests, double... speeds) {
        for (int i = 0; i < requests; i++) {
            int tokens = 500 + random.nextInt(8_000);
            var reservation = place(tokens);
            double speed = speeds[reservation.endpoint().slot()];
            int prompt = reservation.decision().promptTokens();
            answer(reservation, noisy(speed, prompt), cold(prompt));
        }
    }

    @Test
    void speedsAreLearnedToFivePercent() {
        converse(100, 20e-6, 40e-6, 60e-6, 600e-6);
        assertThat(speed(0)).as("seed %d", SEED).isCloseTo(20e-6, Percentage.withPercentage(5));
        // Slower ones are chosen less while all are idle, but before they are known they are.
        converse(400, 20e-6, 40e-6, 60e-6, 600e-6);
        assertThat(speed(0)).as("seed %d", SEED).isCloseTo(20e-6, Percentage.withPercentage(5));
    }

    @Test
    void equalEndpointsStayEqual() {
        converse(400, 30e-6, 30e-6, 30e-6, 30e-6);
        for (int slot = 0; slot < 4; slot++) {
            assertThat(speed(slot)).as("seed %d", SEED).isCloseTo(30e-6, Percentage.withPercentage(4));
        }
    }
}
