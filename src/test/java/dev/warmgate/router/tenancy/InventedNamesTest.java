package dev.warmgate.router.tenancy;

import static dev.warmgate.router.tenancy.Facts.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A flood of invented names leaves nothing behind. */
class InventedNamesTest {
    private static final int REQUESTS = 1_000_000;
    private static final int WATCHED_EVERY = 1000;

    /** Digests are what would take the time here. */
    private static final int KEY_EVERY = 20;

    @Test
    void nothingIsKeptOfAMillionInventedNames() {
        var settings = new TenancySettings(
                List.of(
                        Fixtures.CHAT_TENANT,
                        new Tenant("default", 1, 0, null, Fixtures.keys(), List.of(), true, false)),
                List.of(Fixtures.CHAT),
                List.of(),
                Map.of(),
                UnknownObjective.DEFAULT,
                false);
        var tenancy = new Tenancy(settings);
        var watched = new ArrayList<WeakReference<Object>>();
        // One map for all requests: a million copies would test the garbage collector.
        var headers = new HashMap<String, String>();
        var facts = new Facts(headers, PLAIN.path(), PLAIN.model(), null, 0);
        for (int i = 0; i < REQUESTS; i++) {
            headers.put("x-gateway-inference-fairness-id", "invented-" + i);
            headers.put("x-llm-d-inference-objective", "objective-" + i);
            if (i % KEY_EVERY == 0) {
                headers.put("authorization", "Bearer key-of-nobody-" + i);
            } else {
                headers.remove("authorization");
            }
            if (!(tenancy.classify(facts) instanceof Known(Standing standing, Tenant tenant))) {
                throw new AssertionError("refused: " + i);
            }
            if (i % WATCHED_EVERY == 0) {
                assertThat(tenant.name()).isEqualTo("default");
                assertThat(standing.flow()).isEqualTo("default/invented-" + i);
                watched.add(new WeakReference<>(standing));
                watched.add(new WeakReference<>(standing.flow()));
                headers.values().forEach(value -> watched.add(new WeakReference<>(value)));
            }
        }
        headers.clear();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            assertThat(watched).hasSize(5 * REQUESTS / WATCHED_EVERY).allMatch(name -> name.get() == null);
        });
        assertThat(tenancy.tenants()).containsExactly("chat", "default");
    }
}
