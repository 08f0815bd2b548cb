package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is told about a queue is what is in it. */
class QueueStatsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int ENDPOINTS = 3;

    private final AdmissionSettings settings = new AdmissionSettings(
            true,
            Duration.ofSeconds(60),
            100_000,
            1 << 30,
            List.of(new BandSettings(0, 0.25, 100, 1 << 20, Duration.ofSeconds(60))),
            10_000);
    private final AdmissionQueue queue = new AdmissionQueue(settings, ENDPOINTS);

    private Request arrives(int priority, String tenant, String flow, long bytes, long at, int slot) {
        var standing = Request.standing(priority, tenant, flow, 2);
        var request = new Request(
                queue.flow(standing),
                standing,
                false,
                0.5,
                bytes,
                new QueuedRequest.Times(at, Long.MAX_VALUE / 4, QueuedRequest.NO_TARGET, at));
        queue.add(request, slot);
        return request;
    }

    private QueueStats stats(int flows, long now) {
        return queue.stats(flows, band -> band.priority() > 0, now);
    }

    @Test
    void nothingIsToldOfAnEmptyQueue() {
        assertThat(stats(50, 0)).isEqualTo(new QueueStats(0, 0, List.of(), List.of(), List.of(), 0, List.of()));
    }

    @Test
    void tellsWhoWaitsSinceWhenForWhat() {
        var first = arrives(0, "chat", "chat/a", 10, 1 * SECOND, AdmissionQueue.ANY);
        arrives(0, "chat", "chat/a", 20, 2 * SECOND, 1);
        arrives(5, "fraud", "fraud", 40, 3 * SECOND, 2);
        var stats = stats(50, 5 * SECOND);
        assertThat(stats.waiting()).isEqualTo(3);
        assertThat(stats.waitingBytes()).isEqualTo(70);
        assertThat(stats.bands())
                .containsExactly(
                        new QueueStats.OfBand(5, 1, 40, 0.5, 0, BandSettings.DEFAULT_MIN_SHARE, 0, true, 2),
                        new QueueStats.OfBand(0, 2, 30, 1, 0, 0.25, 0, false, 4));
        assertThat(stats.places())
                .containsExactly(
                        new QueueStats.OfPlace(AdmissionQueue.ANY, 1),
                        new QueueStats.OfPlace(1, 1),
                        new QueueStats.OfPlace(2, 1));
        assertThat(stats.flowsWaiting()).isEqualTo(2);
        assertThat(stats.flows())
                .containsExactly(
                        new QueueStats.OfFlow(0, "chat/a", "chat", 2, 30, 1, 0, 4, AdmissionQueue.ANY),
                        new QueueStats.OfFlow(5, "fraud", "fraud", 1, 40, 0.5, 0, 2, 2));

        var charge = new Charge(0.5, 0.2, 0);
        queue.dispatched(first.flow(), charge, 5 * SECOND);
        queue.take(first);
        stats = stats(50, 5 * SECOND);
        assertThat(stats.flows().getLast()).isEqualTo(new QueueStats.OfFlow(0, "chat/a", "chat", 1, 20, 0.5, 1, 3, 1));
        assertThat(stats.bands().getLast().oldestWaitSeconds()).isEqualTo(3);
        assertThat(stats.tenants()).contains(new QueueStats.OfTenant("chat", 2, 0.5, 0.5, true));

        queue.ended(first.flow(), charge, 0.1, 10);
        assertThat(stats(0, 5 * SECOND).tenants())
                .filteredOn(tenant -> tenant.name().equals("chat"))
                .singleElement()
                .satisfies(tenant -> {
                    assertThat(tenant.estimatedSeconds()).isEqualTo(0.5);
                    assertThat(tenant.workSeconds()).isBetween(0.0999, 0.1001);
                    assertThat(tenant.busy()).isTrue();
                });
    }

    @Test
    void withoutFlowsNoneIsLookedAt() {
        arrives(0, "chat", "chat/a", 10, 0, AdmissionQueue.ANY);
        var stats = stats(0, SECOND);
        assertThat(stats.flows()).isEmpty();
        assertThat(stats.flowsWaiting()).isOne();
        assertThat(stats.bands().getFirst().oldestWaitSeconds()).isEqualTo(-1);
    }

    @Test
    void tellsTheFlowsWithMostWaitingAndTheirOldest() {
        long seed = Long.getLong("warmgate.seed", System.nanoTime());
        var random = new Random(seed);
        var waiting = new ArrayList<Request>();
        for (int step = 0; step < 3_000; step++) {
            if (random.nextInt(3) > 0 || waiting.isEmpty()) {
                int priority = random.nextInt(3) - 1;
                String tenant = "t" + random.nextInt(4);
                String flow = tenant + "/" + (int) Math.abs(random.nextGaussian() * 10);
                waiting.add(arrives(priority, tenant, flow, 1, step * SECOND, random.nextInt(ENDPOINTS)));
            } else {
                queue.take(waiting.remove(random.nextInt(waiting.size())));
            }
            if (step % 50 == 0) {
                check(waiting, step * SECOND, seed);
            }
        }
    }

    private void check(List<Request> waiting, long now, long seed) {
        Map<String, List<Request>> flows = new HashMap<>();
        waiting.forEach(request -> flows.computeIfAbsent(
                        request.standing.priority() + " " + request.standing.flow(), _ -> new ArrayList<>())
                .add(request));
        int most = 10;
        var sizes = flows.values().stream()
                .map(List::size)
                .sorted((a, b) -> b - a)
                .limit(most)
                .toList();
        var stats = stats(most, now);
        assertThat(stats.flowsWaiting()).as("seed %d", seed).isEqualTo(flows.size());
        assertThat(stats.flows())
                .as("seed %d", seed)
                .extracting(flow -> flow.waiting())
                .isEqualTo(sizes);
        for (var flow : stats.flows()) {
            long oldest = flows.getOrDefault(flow.priority() + " " + flow.name(), List.of()).stream()
                    .mapToLong(Request::arrivedAt)
                    .min()
                    .orElse(Long.MAX_VALUE);
            assertThat(flow.oldestWaitSeconds()).as("seed %d", seed).isEqualTo((now - oldest) / 1e9);
        }
        for (var band : stats.bands()) {
            long oldest = waiting.stream()
                    .filter(request -> request.standing.priority() == band.priority())
                    .mapToLong(Request::arrivedAt)
                    .min()
                    .orElse(now);
            assertThat(band.oldestWaitSeconds()).as("seed %d", seed).isEqualTo((now - oldest) / 1e9);
        }
    }

    @Test
    void inventedTenantsAndFlowsStayBounded() {
        for (int i = 0; i < 20_000; i++) {
            arrives(0, "t" + i % 12_000, "t" + i % 12_000 + "/" + i, 1, 0, AdmissionQueue.ANY);
        }
        var stats = stats(50, 0);
        assertThat(stats.flows()).hasSize(50);
        assertThat(stats.tenants()).hasSizeLessThanOrEqualTo(10_001);
        assertThat(stats.waiting()).isEqualTo(20_000);
    }
}
