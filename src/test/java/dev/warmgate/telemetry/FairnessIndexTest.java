package dev.warmgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.admission.QueueStats.OfTenant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FairnessIndexTest {
    private static final long SECOND = 1_000_000_000L;

    private long now;
    private final FairnessIndex index = new FairnessIndex(() -> now);
    private final Map<String, OfTenant> tenants = new HashMap<>();

    private void received(String tenant, double weight, double seconds, boolean busy) {
        tenants.merge(
                tenant,
                new OfTenant(tenant, weight, 0, seconds, busy),
                (old, more) -> new OfTenant(tenant, weight, 0, old.workSeconds() + seconds, busy));
    }

    @Test
    void nobodyIsTreatedUnfairlyWhereNothingHappened() {
        assertThat(index.read(tenants)).isNaN();
        received("a", 1, 0, true);
        assertThat(index.read(tenants)).isNaN();
    }

    @Test
    void sharesByWeightAreFair() {
        received("a", 1, 10, false);
        received("b", 4, 40, false);
        assertThat(index.read(tenants)).isEqualTo(1, within(1e-9));
        received("idle", 1, 0, false);
        assertThat(index.read(tenants)).isEqualTo(1, within(1e-9));
        received("starving", 1, 0, true);
        assertThat(index.read(tenants)).isEqualTo(2.0 / 3, within(1e-9));
    }

    @Test
    void onlyTheLastMinuteCounts() {
        received("a", 1, 1_000, true);
        received("b", 1, 0, true);
        for (int i = 0; i < 30; i++) {
            now += 10 * SECOND;
            received("a", 1, 5, true);
            received("b", 1, 5, true);
            double read = index.read(tenants);
            if (i < 5) {
                assertThat(read).isLessThan(0.6);
            } else if (i > 8) {
                assertThat(read).isEqualTo(1, within(1e-9));
            }
        }
    }

    @Test
    void readingsThatAreFarApartAreStillRight() {
        received("a", 1, 10, true);
        assertThat(index.read(tenants)).isEqualTo(1, within(1e-9));
        now += 600 * SECOND;
        received("a", 1, 10, true);
        received("b", 1, 20, true);
        index.read(tenants);
        now += 600 * SECOND;
        received("a", 1, 30, true);
        received("b", 1, 10, true);
        assertThat(index.read(tenants)).isEqualTo(40.0 * 40 / (2 * (900 + 100)), within(1e-9));
    }
}
