package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.IndexChecks;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads that send, wait, leave, settle and tick at a fleet that is far too small for them. */
class AdmissionStressTest {
    private static final int ENDPOINTS = 4;
    private static final int THREADS = 8;
    private static final int REQUESTS = 3_000;
    private static final double NONE = Standing.NONE;

    /** What was to be settled, by whoever. */
    private final ConcurrentLinkedQueue<Reservation> routed = new ConcurrentLinkedQueue<>();

    private final AtomicInteger dispatched = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();

    /** One request's sender, who is told once or leaves. */
    private final class Sender implements Waiter {
        final AtomicInteger told = new AtomicInteger();

        @Nullable
        Ticket ticket;

        boolean hasLeft;

        @Override
        public void decided(RouteResult result) {
            told.incrementAndGet();
            switch (result) {
                case RouteResult.Routed(var reservation) -> {
                    dispatched.incrementAndGet();
                    routed.add(reservation);
                }
                case RouteResult.Refused _, RouteResult.Unavailable _ -> refused.incrementAndGet();
                case RouteResult.Queued _, RouteResult.UnknownModel _ -> throw new AssertionError(result);
            }
        }

        void leave() {
            if (ticket != null && ticket.leave()) {
                assertThat(hasLeft).isFalse();
                hasLeft = true;
                left.incrementAndGet();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"warm", "round-robin"})
    void everySenderIsToldOnceOrLeaves(String policy) throws Exception {
        long seed = 31_415;
        var pool = pool(policy);
        var router = new Router(List.of(pool));
        var start = new CyclicBarrier(THREADS);
        var senders = new ArrayList<Sender>();
        try (var executor = Executors.newFixedThreadPool(THREADS)) {
            var futures = new ArrayList<Future<List<Sender>>>();
            for (int t = 0; t < THREADS; t++) {
                var random = new Random(seed + t);
                Callable<List<Sender>> client = () -> {
                    start.await();
                    return traffic(router, pool, random);
                };
                futures.add(executor.submit(client));
            }
            for (var future : futures) {
                senders.addAll(future.get());
            }
        }
        pool.endpoints().forEach(endpoint -> endpoint.reportCheck(true));
        settleAll(router, senders);
        for (var sender : senders) {
            assertThat(sender.told.get() + (sender.hasLeft ? 1 : 0))
                    .as("seed " + seed + ", times told or left")
                    .isEqualTo(1);
        }
        assertThat(senders).hasSize(THREADS * REQUESTS);
        assertThat(dispatched.get() + refused.get() + left.get()).isEqualTo(THREADS * REQUESTS);
        // The test is about those that wait.
        assertThat(dispatched.get() - atOnce.get()).isPositive();
        assertThat(left.get()).isPositive();
        assertThat(refused.get()).isPositive();
        checkEmpty(router, pool);
    }

    /** Until nobody waits, which needs nothing but that what was sent ends, and time. */
    private void settleAll(Router router, List<Sender> senders) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (router.waiting() > 0 || !routed.isEmpty()) {
            for (var next = routed.poll(); next != null; next = routed.poll()) {
                next.settle(Usage.UNKNOWN);
            }
            router.tick();
            assertThat(System.nanoTime() - deadline)
                    .as(() -> "still waiting: " + router.waiting() + " of " + senders.size())
                    .isNegative();
        }
    }

    private static void checkEmpty(Router router, Pool pool) {
        assertThat(router.waiting()).isZero();
        assertThat(pool.openReservations()).isZero();
        for (Endpoint endpoint : pool.endpoints()) {
            assertThat(endpoint.requests()).as(endpoint.name()).isZero();
            assertThat(endpoint.parked().requests()).as(endpoint.name()).isZero();
            assertThat(endpoint.parked().prefillSeconds()).as(endpoint.name()).isEqualTo(0.0);
            assertThat(endpoint.kvTokensInUse(System.nanoTime()))
                    .as(endpoint.name())
                    .isEqualTo(0.0);
            assertThat(endpoint.pendingPrefillTokens()).as(endpoint.name()).isZero();
            assertThat(endpoint.pendingPrefillSeconds()).as(endpoint.name()).isEqualTo(0.0);
        }
        IndexChecks.check(pool.index());
        IndexChecks.checkNothingPinned(pool.index());
    }

    private static Pool pool(String policy) {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < ENDPOINTS; i++) {
            specs.add(EndpointSpec.of(URI.create("http://10.0.0.1:" + (8000 + i))));
        }
        var spec = new PoolSpec("pool", specs, Set.of("m"), HealthPolicy.DEFAULT, 40_000, 1 << 20);
        var band = new BandSettings(-1, 0.1, 60, 1 << 20, Duration.ofMillis(300));
        var settings = new AdmissionSettings(true, Duration.ofSeconds(2), 300, 1 << 20, List.of(band), 100);
        return new Pool(
                spec, settings, Objects.requireNonNull(Policies.create(policy)), System::nanoTime, new Random(1));
    }

    private List<Sender> traffic(Router router, Pool pool, Random random) {
        var senders = new ArrayList<Sender>();
        var recent = new ArrayDeque<Sender>();
        for (int i = 0; i < REQUESTS; i++) {
            var sender = new Sender();
            senders.add(sender);
            switch (router.admit(request(random), sender)) {
                case RouteResult.Queued(var ticket) -> {
                    sender.ticket = ticket;
                    recent.add(sender);
                }
                case RouteResult.Routed routed -> {
                    atOnce.incrementAndGet();
                    sender.decided(routed);
                }
                case RouteResult other -> sender.decided(other);
            }
            if (!recent.isEmpty() && random.nextInt(4) == 0) {
                recent.remove().leave();
            }
            if (recent.size() > 20) {
                recent.remove();
            }
            for (int k = random.nextInt(3); k > 0; k--) {
                settleOne(random);
            }
            if (random.nextInt(10) == 0) {
                router.tick();
            }
            if (random.nextInt(200) == 0) {
                pool.endpoints().get(random.nextInt(ENDPOINTS)).reportCheck(random.nextInt(3) > 0);
            }
        }
        return senders;
    }

    private void settleOne(Random random) {
        var reservation = routed.poll();
        if (reservation != null) {
            if (random.nextInt(4) > 0) {
                reservation.firstToken();
            }
            reservation.settle(random.nextBoolean() ? new Usage(100, 0, random.nextInt(200)) : Usage.UNKNOWN);
        }
    }

    private static InferenceRequest request(Random random) {
        int tenant = random.nextInt(5);
        String flow = "t" + tenant + (tenant == 0 ? "/" + random.nextInt(1_000) : "");
        var standing = new Standing(
                random.nextInt(3) - 1,
                "t" + tenant,
                flow,
                1 + tenant,
                random.nextInt(3) == 0 ? random.nextDouble() + 0.01 : NONE,
                NONE,
                random.nextInt(5) == 0 ? random.nextDouble() * 3 + 0.01 : NONE);
        var prompt = Fleet.prompt(random.nextInt(400), 64 * (1 + random.nextInt(60)));
        return new InferenceRequest("m", prompt, 50, null).with(standing, random.nextInt(20_000));
    }
}
