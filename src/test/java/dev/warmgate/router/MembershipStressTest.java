package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Warm;
import dev.warmgate.router.prefix.IndexChecks;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads that send, wait, leave and settle while another lets endpoints and pools come and go. */
class MembershipStressTest {
    private static final int THREADS = 6;
    private static final int REQUESTS = 3_000;
    private static final long SEED = 27_182;

    private final ConcurrentLinkedQueue<Reservation> routed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger sending = new AtomicInteger(THREADS);

    @Test
    void nothingIsLostWhileEndpointsAndPoolsComeAndGo() throws Exception {
        var pools = new ConcurrentLinkedQueue<Pool>();
        var first = pool("a", new Random(SEED));
        pools.add(first);
        var router = new Router(List.of(first));
        int drained;
        try (var executor = Executors.newFixedThreadPool(THREADS + 1)) {
            var clients = new ArrayList<Future<?>>();
            for (int t = 0; t < THREADS; t++) {
                var random = new Random(SEED + t);
                clients.add(executor.submit(() -> traffic(router, random)));
            }
            var churn = executor.submit(() -> churn(router, pools, new Random(-SEED)));
            for (var client : clients) {
                client.get();
            }
            drained = churn.get();
        }
        var last = pool("last", new Random(SEED));
        pools.add(last);
        router.reconfigure(List.of(last));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (router.waiting() > 0 || !routed.isEmpty()) {
            settleAll(new Random(SEED));
            pools.forEach(MembershipStressTest::makeWell);
            router.tick();
            assertThat(System.nanoTime() - deadline).as("still waiting").isNegative();
        }
        assertThat(told.get() + left.get()).isEqualTo(THREADS * REQUESTS);
        assertThat(drained).as("endpoints drained").isPositive();
        assertThat(pools.size()).as("pools").isGreaterThan(2);
        assertThat(router.retiring()).isEmpty();
        for (var pool : pools) {
            assertThat(pool.openReservations()).isZero();
            assertThat(pool.waiting()).isZero();
            assertThat(pool.endpoints().isEmpty()).isEqualTo(pool != last);
            IndexChecks.check(pool.index());
            IndexChecks.checkNothingPinned(pool.index());
        }
    }

    private static Pool pool(String name, Random random) {
        return new Pool(spec(name, random), AdmissionSettings.DEFAULT, new Warm(), System::nanoTime, new Random(1));
    }

    private static PoolSpec spec(String name, Random random) {
        var endpoints = new ArrayList<EndpointSpec>();
        endpoints.add(EndpointSpec.of(URI.create("http://10.0.0.1:1")));
        for (int i = 2; i < 8; i++) {
            if (random.nextBoolean()) {
                endpoints.add(EndpointSpec.of(URI.create("http://10.0.0.1:" + i)));
            }
        }
        return new PoolSpec(name, endpoints, Set.of("m"), HealthPolicy.DEFAULT, 40_000, 1 << 20);
    }

    private static void makeWell(Pool pool) {
        for (var endpoint : pool.endpoints()) {
            endpoint.reportCheck(true);
            pool.undrain(endpoint);
        }
    }

    /** Returns how many endpoints were seen to become empty by draining. */
    private int churn(Router router, ConcurrentLinkedQueue<Pool> pools, Random random) throws Exception {
        int drained = 0;
        while (sending.get() > 0 || drained == 0) {
            var pool = router.pools().getFirst();
            var endpoints = pool.endpoints();
            var endpoint = endpoints.get(random.nextInt(endpoints.size()));
            switch (random.nextInt(8)) {
                case 0, 1 -> pool.reconfigure(spec(pool.name(), random), AdmissionSettings.DEFAULT, new Warm());
                case 2 -> {
                    if (pools.size() < 20) {
                        var next = pool("p" + pools.size(), random);
                        pools.add(next);
                        router.reconfigure(List.of(next));
                    }
                }
                case 3 -> endpoint.reportCheck(random.nextInt(4) > 0);
                default -> {
                    var empty = pool.drain(endpoint);
                    while (!empty.isDone()) {
                        settleAll(random);
                        router.tick();
                    }
                    assertThat(empty.get()).isTrue();
                    assertThat(endpoint.inFlight()).as(endpoint.name()).isZero();
                    assertThat(endpoint.parked().requests()).as(endpoint.name()).isZero();
                    drained++;
                    pool.undrain(endpoint);
                }
            }
        }
        return drained;
    }

    private void traffic(Router router, Random random) {
        try {
            for (int i = 0; i < REQUESTS; i++) {
                var prompt = Fleet.prompt(random.nextInt(300), 64 * (1 + random.nextInt(60)));
                var request = new InferenceRequest("m", prompt, 50, null).with(Standing.DEFAULT, 100);
                switch (router.admit(request, this::decided)) {
                    case RouteResult.Queued(var ticket) -> {
                        if (random.nextInt(3) == 0 && ticket.leave()) {
                            left.incrementAndGet();
                        }
                    }
                    case RouteResult other -> decided(other);
                }
                if (random.nextInt(3) > 0) {
                    settleOne(random);
                }
                if (random.nextInt(20) == 0) {
                    router.tick();
                }
            }
        } finally {
            sending.decrementAndGet();
        }
    }

    private void decided(RouteResult result) {
        told.incrementAndGet();
        switch (result) {
            case RouteResult.Routed(var reservation) -> routed.add(reservation);
            case RouteResult.Refused _, RouteResult.Unavailable _ -> {}
            case RouteResult.Queued _, RouteResult.UnknownModel _ -> throw new AssertionError(result);
        }
    }

    private void settleAll(Random random) {
        while (settleOne(random)) {
            // on to the next
        }
    }

    private boolean settleOne(Random random) {
        var reservation = routed.poll();
        if (reservation == null) {
            return false;
        }
        if (random.nextBoolean()) {
            reservation.firstToken();
        }
        return reservation.settle(random.nextBoolean() ? new Usage(100, 0, random.nextInt(200)) : Usage.UNKNOWN);
    }
}
