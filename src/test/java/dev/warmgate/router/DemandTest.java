package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Band;
import dev.warmgate.router.admission.Standing;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Of two endpoints. */
class DemandTest {
    private static final long SECOND = 1_000_000_000L;

    private static final PoolSpec POOL = new PoolSpec(
            "pool",
            List.of(
                    new EndpointSpec("e0", URI.create("http://10.0.0.1:8000"), 1, Role.BOTH),
                    new EndpointSpec("e1", URI.create("http://10.0.0.1:8001"), 1, Role.BOTH)),
            Set.of("m"),
            HealthPolicy.DEFAULT,
            60_000,
            1 << 20);

    private final AdmissionQueue queue = new AdmissionQueue(AdmissionSettings.DEFAULT, 2);
    private final Demand demand = new Demand(new Roster(POOL, () -> 0), queue);
    private final Band high = band(1);
    private final Band low = band(-1);
    private long now = -5 * SECOND;

    private Band band(int priority) {
        return queue.flow(new Standing(priority, "a", "a", 1, Standing.NONE, Standing.NONE, Standing.NONE))
                .band();
    }

    /** Asks for so many seconds of prefill in each of a hundred seconds. */
    private void ask(Band band, double seconds) {
        for (int i = 0; i < 100; i++) {
            demand.add(band, seconds, now);
            now += SECOND;
        }
    }

    @Test
    void itIsTooMuchWhereMoreIsAskedForThanEndpointsHaveTime() {
        ask(high, 1);
        assertThat(demand.isTooMuch(high, now)).isFalse();
        ask(high, 2);
        assertThat(demand.isTooMuch(high, now)).isTrue();
        now += 60 * SECOND;
        assertThat(demand.isTooMuch(high, now)).isFalse();
    }

    @Test
    void whatIsAskedForInLowerPrioritiesIsNoMatterOfHigherOnes() {
        ask(low, 2);
        assertThat(demand.isTooMuch(low, now)).isTrue();
        assertThat(demand.isTooMuch(high, now)).isFalse();
        ask(high, 2);
        assertThat(demand.isTooMuch(low, now)).isTrue();
    }
}
