package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.IndexChecks;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Many threads on one pool whose index is too small for them. */
class PoolStressTest {
    private static final int ENDPOINTS = 40;
    private static final int THREADS = 12;
    private static final int REQUESTS = 4_000;

    @Test
    void everyCounterIsZeroAfterwardsAndTheIndexIsSound() throws Exception {
        long seed = 20_251;
        var chosen = new AtomicIntegerArray(ENDPOINTS);
        var pool = pool(chosen);
        var router = new Router(List.of(pool));
        var start = new CyclicBarrier(THREADS);
        var sent = new int[ENDPOINTS];
        try (var executor = Executors.newFixedThreadPool(THREADS)) {
            var futures = new ArrayList<Future<int[]>>();
            for (int t = 0; t < THREADS; t++) {
                var random = new Random(seed + t);
                Callable<int[]> client = () -> {
                    start.await();
                    return traffic(router, pool, random);
                };
                futures.add(executor.submit(client));
            }
            for (var future : futures) {
                int[] counts = future.get();
                for (int e = 0; e < ENDPOINTS; e++) {
                    sent[e] += counts[e];
                }
            }
        }
        int total = 0;
        for (Endpoint endpoint : pool.endpoints()) {
            assertThat(endpoint.inFlight()).as(endpoint.name()).isZero();
            assertThat(endpoint.pendingPrefillTokens()).as(endpoint.name()).isZero();
            assertThat(endpoint.pendingPrefillSeconds()).as(endpoint.name()).isZero();
            assertThat(endpoint.kvTokensInUse(System.nanoTime()))
                    .as(endpoint.name())
                    .isZero();
            assertThat(chosen.get(endpoint.slot())).as(endpoint.name()).isEqualTo(sent[endpoint.slot()]);
            total += sent[endpoint.slot()];
        }
        assertThat(total).isEqualTo(THREADS * REQUESTS);
        assertThat(pool.openReservations()).isZero();
        assertThat(pool.indexStats().bytes()).isLessThanOrEqualTo(1 << 20);
        IndexChecks.check(pool.index());
        IndexChecks.checkNothingPinned(pool.index());
    }

    /** A pool that counts what its policy chooses. */
    private static Pool pool(AtomicIntegerArray chosen) {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < ENDPOINTS; i++) {
            specs.add(EndpointSpec.of(URI.create("http://10.0.0.1:" + (8000 + i))));
        }
        var spec = new PoolSpec("pool", specs, Set.of("m"), HealthPolicy.DEFAULT, 100_000, 1 << 20);
        var warm = Objects.requireNonNull(Policies.create(Policies.WARM));
        var counting = new RoutingPolicy() {
            @Override
            public String name() {
                return warm.name();
            }

            @Override
            public boolean readsPrefixIndex() {
                return true;
            }

            @Override
            public int choose(Candidates candidates) {
                int choice = warm.choose(candidates);
                chosen.incrementAndGet(candidates.endpoint(choice).slot());
                return choice;
            }
        };
        return new Pool(spec, counting, System::nanoTime, new Random(1));
    }

    /** Returns requests sent by endpoint. */
    private static int[] traffic(Router router, Pool pool, Random random) {
        var sent = new int[ENDPOINTS];
        var open = new ArrayDeque<Reservation>();
        for (int i = 0; i < REQUESTS; i++) {
            var request = new InferenceRequest("m", prompt(random.nextInt(400), 1 + random.nextInt(60)), -1, null);
            var reservation = ((RouteResult.Routed) router.route(request, Set.of())).reservation();
            sent[reservation.endpoint().slot()]++;
            open.add(reservation);
            while (!open.isEmpty() && random.nextInt(20) < open.size()) {
                var ended = open.remove();
                if (random.nextInt(4) > 0) {
                    ended.firstToken();
                }
                assertThat(ended.settle(random.nextBoolean() ? new Usage(100, 0, random.nextInt(500)) : Usage.UNKNOWN))
                        .isTrue();
                assertThat(ended.settle(Usage.UNKNOWN)).isFalse();
                ended.firstToken();
            }
            if (random.nextInt(2_000) == 0) {
                pool.forgetPrefixes(pool.endpoints().get(random.nextInt(ENDPOINTS)));
            }
        }
        open.forEach(reservation -> reservation.settle(Usage.UNKNOWN));
        return sent;
    }

    private static PromptBlocks prompt(int session, int blocks) {
        var hashes = new long[blocks];
        var ends = new int[blocks];
        for (int k = 0; k < blocks; k++) {
            long name = k < 5 ? k : session * 1_000L + k;
            hashes[k] = name * 0x9E3779B97F4A7C15L;
            ends[k] = (k + 1) * 64;
        }
        return new PromptBlocks(hashes, ends);
    }
}
