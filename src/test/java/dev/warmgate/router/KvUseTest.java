package dev.warmgate.router;

import static dev.warmgate.router.Fleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests in flight take of an endpoint's KV cache, from placing them to their end. */
class KvUseTest {
    private static final long SECOND = 1_000_000_000;
    private static final String SHARED = "x".repeat(4000);

    private final Fleet fleet = new Fleet(1, "warm");
    private final Endpoint endpoint = fleet.endpoint(0);

    private double tokens() {
        return endpoint.kvTokensInUse(fleet.now);
    }

    @Test
    void whatPromptsShareCountsOnce() {
        var first = fleet.send(prompt(SHARED));
        var second = fleet.send(prompt(SHARED, "y".repeat(400)));
        assertThat(tokens()).isEqualTo(1_110);
        first.settle(Usage.UNKNOWN);
        assertThat(tokens()).isEqualTo(1_110);
        second.settle(Usage.UNKNOWN);
        assertThat(tokens()).isZero();
    }

    @Test
    void answersGrowFromTheirFirstToken() {
        var first = fleet.send(prompt(SHARED));
        first.firstToken();
        fleet.now += 10 * SECOND;
        first.settle(new Usage(1_005, 0, 500));
        var second = fleet.send(prompt(SHARED));
        fleet.now += 10 * SECOND;
        assertThat(tokens()).isEqualTo(1_005);
        second.firstToken();
        fleet.now += SECOND;
        second.firstToken();
        fleet.now += SECOND;
        assertThat(tokens()).isCloseTo(1_105, within(1e-6));
        second.settle(Usage.UNKNOWN);
        assertThat(tokens()).isZero();
    }

    @Test
    void aFirstTokenAfterTheEndBeginsNoAnswer() {
        var first = fleet.send(prompt(SHARED));
        first.firstToken();
        fleet.now += 10 * SECOND;
        first.settle(new Usage(1_005, 0, 500));
        var second = fleet.send(prompt(SHARED));
        second.settle(new Usage(1_005, 0, 500));
        second.firstToken();
        fleet.now += 10 * SECOND;
        assertThat(tokens()).isZero();
        assertThat(endpoint.pendingPrefillSeconds()).isZero();
    }

    @Test
    void theCapacityIsWhatTheEngineTold() {
        assertThat(endpoint.kvCapacityTokens()).isZero();
        fleet.send(prompt(SHARED)).settle(Usage.UNKNOWN);
        assertThat(endpoint.kvCapacityTokens())
                .as("an assumption is no reason to avoid anybody")
                .isZero();
        endpoint.engineLoad(new EngineLoad(0, 0, 0, Double.NaN, 20_000, -1, -1));
        fleet.send(prompt(SHARED)).settle(Usage.UNKNOWN);
        assertThat(endpoint.kvCapacityTokens()).isEqualTo(20_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {20_251, 20_252, 20_253})
    void everythingIsFreedInWhateverOrder(long seed) {
        // More is used at times than there is, so that prompts are evicted and some cannot be remembered.
        endpoint.engineLoad(new EngineLoad(0, 0, 0, Double.NaN, 20_000, -1, -1));
        var random = new Random(seed);
        var open = new ArrayList<Reservation>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 60; i++) {
                fleet.now += random.nextLong(SECOND);
                open.add(fleet.send(prompt(SHARED, ("question " + random.nextInt(30)).repeat(200))));
                end(open, random);
                assertThat(tokens()).as("seed %d, round %d", seed, round).isNotNegative();
            }
            if (random.nextInt(4) == 0) {
                fleet.pool.forgetPrefixes(endpoint);
            }
            while (!open.isEmpty()) {
                end(open, random);
            }
            assertThat(tokens()).as("seed %d, round %d", seed, round).isZero();
            assertThat(endpoint.pendingPrefillTokens())
                    .as("seed %d, round %d", seed, round)
                    .isZero();
            assertThat(endpoint.pendingPrefillSeconds())
                    .as("seed %d, round %d", seed, round)
                    .isZero();
            assertThat(endpoint.prefillWaitSeconds(fleet.now))
                    .as("seed %d, round %d", seed, round)
                    .isZero();
        }
    }

    /** Lets something happen to one of the reservations, mostly its end. */
    private void end(List<Reservation> open, Random random) {
        var reservation = open.get(random.nextInt(open.size()));
        if (random.nextInt(3) == 0) {
            reservation.firstToken();
            return;
        }
        fleet.now += random.nextLong(10 * SECOND);
        reservation.settle(random.nextBoolean() ? new Usage(1_500, 0, random.nextInt(800)) : Usage.UNKNOWN);
        reservation.settle(new Usage(1_500, 0, 100));
        reservation.firstToken();
        open.remove(reservation);
    }
}
