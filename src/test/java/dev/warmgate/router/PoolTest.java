package dev.warmgate.router;

import static dev.warmgate.router.Fleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoolTest {
    private static final Usage USAGE = new Usage(10, 0, 5);

    static List<String> policies() {
        return Policies.names();
    }

    @Test
    void aReservationBooksLoadAndFreesItInTwoSteps() {
        var fleet = new Fleet(1, "warm");
        var reservation = fleet.send(prompt("x".repeat(4000)));
        var endpoint = fleet.endpoint(0);
        assertThat(endpoint.inFlight()).isEqualTo(1);
        assertThat(endpoint.pendingPrefillTokens()).isEqualTo(1005);
        reservation.firstToken();
        reservation.firstToken();
        assertThat(endpoint.pendingPrefillTokens()).isZero();
        assertThat(endpoint.inFlight()).isEqualTo(1);
        assertThat(reservation.settle(USAGE)).isTrue();
        assertThat(endpoint.inFlight()).isZero();
        assertThat(fleet.pool.openReservations()).isZero();
    }

    @Test
    void aReservationIsSettledOnceWhoeverComesFirst() {
        var fleet = new Fleet(1, "warm");
        var reservation = fleet.send(prompt("hello"));
        assertThat(reservation.settle(Usage.UNKNOWN)).isTrue();
        assertThat(reservation.settle(USAGE)).isFalse();
        reservation.firstToken();
        assertThat(fleet.endpoint(0).inFlight()).isZero();
        assertThat(fleet.endpoint(0).pendingPrefillTokens()).isZero();
    }

    @Test
    void cachedTokensAreNotBookedAsPrefill() {
        var fleet = new Fleet(1, "warm");
        fleet.send(prompt("x".repeat(4000))).settle(USAGE);
        var second = fleet.send(prompt("x".repeat(4000), "y".repeat(400)));
        assertThat(second.decision().cachedTokens()).isEqualTo(1005);
        assertThat(fleet.endpoint(0).pendingPrefillTokens()).isEqualTo(105);
    }

    @Test
    void aDecisionIsExplainedOnlyIfTheRequestAsks() {
        var fleet = new Fleet(3, "warm");
        var request = new InferenceRequest("m", prompt("x".repeat(4000)), -1, null);
        var silent = fleet.send(request);
        assertThat(silent.decision().explanation()).isNull();
        silent.settle(USAGE);
        var decision = fleet.send(request.explained()).decision();
        var explanation = Objects.requireNonNull(decision.explanation());
        assertThat(explanation.candidates()).hasSize(3);
        assertThat(explanation.chosen().endpoint()).isEqualTo(decision.endpoint());
        assertThat(explanation.chosen().facts().cachedTokens()).isEqualTo(decision.cachedTokens());
        // As it was before this request was booked.
        assertThat(explanation.chosen().facts().inFlight()).isZero();
    }

    @Test
    void endpointsThatWereTriedAreNotChosenAgain() {
        var fleet = new Fleet(2, "warm");
        var first = fleet.send(prompt("hello"));
        var request = new InferenceRequest("m", prompt("hello"), -1, null);
        var second = (RouteResult.Routed) fleet.router.route(request, Set.of(first.endpoint()));
        assertThat(second.reservation().endpoint()).isNotSameAs(first.endpoint());
        var third = fleet.router.route(request, Set.copyOf(fleet.pool.endpoints()));
        assertThat(third).isInstanceOf(RouteResult.Unavailable.class);
        assertThat(fleet.pool.openReservations()).isEqualTo(2);
    }

    @Test
    void whenAllAreDownAndWereTriedTheClientLearnsWhenToComeBack() {
        var fleet = new Fleet(2, "warm");
        fleet.pool.endpoints().forEach(e -> e.reportCheck(false));
        var request = new InferenceRequest("m", PromptBlocks.EMPTY, -1, null);
        var tried = Set.copyOf(fleet.pool.endpoints());
        var result = (RouteResult.Unavailable) fleet.router.route(request, tried);
        assertThat(result.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(result.reason()).contains("All 2 endpoints of pool pool are down");
        fleet.endpoint(1).reportCheck(true);
        assertThat(fleet.send(request).endpoint()).isSameAs(fleet.endpoint(1));
    }

    @Test
    void anUnknownModelNamesTheServedOnes() {
        var fleet = new Fleet(2, "warm");
        fleet.endpoint(0).models(Set.of("zeta", "alpha"));
        fleet.endpoint(1).models(Set.of("alpha"));
        var result = fleet.router.route(new InferenceRequest("nope", PromptBlocks.EMPTY, -1, null), Set.of());
        assertThat(result).isEqualTo(new RouteResult.UnknownModel("nope", List.of("alpha", "m", "zeta")));
    }

    @Test
    void anEndpointThatIsDownAndNeverToldDoesNotKeepAMisspeltModelWaiting() {
        var fleet = new Fleet(2, "warm");
        var request = new InferenceRequest("nope", PromptBlocks.EMPTY, -1, null);
        fleet.pool.endpoints().forEach(e -> e.reportCheck(false));
        var tried = Set.copyOf(fleet.pool.endpoints());
        assertThat(fleet.router.route(request, tried)).isInstanceOf(RouteResult.Unavailable.class);
        fleet.endpoint(0).models(Set.of("m"));
        assertThat(fleet.router.route(request, Set.of())).isInstanceOf(RouteResult.UnknownModel.class);
    }

    @Test
    void endpointsThatOnlyPrefillOrEncodeGetNoWholeRequests() {
        var fleet = new Fleet(4, "random", Role.PREFILL, Role.ENCODE, Role.DECODE, Role.BOTH);
        for (int i = 0; i < 40; i++) {
            assertThat(fleet.send(PromptBlocks.EMPTY).endpoint().slot()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aModelGoesOnlyWhereItIsServed() {
        var fleet = new Fleet(3, "random");
        fleet.endpoint(0).models(Set.of("a"));
        fleet.endpoint(1).models(Set.of("b"));
        fleet.endpoint(2).models(Set.of("a"));
        for (int i = 0; i < 20; i++) {
            var reservation = fleet.send(new InferenceRequest("b", PromptBlocks.EMPTY, -1, null));
            assertThat(reservation.endpoint()).isSameAs(fleet.endpoint(1));
        }
    }

    @Test
    void anEndpointThatHasNotToldItsModelsMayServeAny() {
        var fleet = new Fleet(2, "random");
        fleet.endpoint(0).models(Set.of("a"));
        var reservation = fleet.send(new InferenceRequest("new", PromptBlocks.EMPTY, -1, null));
        assertThat(reservation.endpoint()).isSameAs(fleet.endpoint(1));
    }

    @Test
    void loadAloneDecidesForBodiesThatAreNotUnderstood() {
        var fleet = new Fleet(2, "warm");
        var first = (RouteResult.Routed) fleet.router.routeByLoad(Set.of());
        var second = (RouteResult.Routed) fleet.router.routeByLoad(Set.of());
        assertThat(first.reservation().endpoint())
                .isNotSameAs(second.reservation().endpoint());
    }

    /** Herding: requests that arrive together must see each other. */
    @Test
    void identicalColdRequestsInOneInstantSpreadEvenly() {
        var fleet = new Fleet(8, "warm");
        var prompt = prompt("x".repeat(20_000));
        for (int i = 0; i < 1000; i++) {
            fleet.send(prompt);
        }
        for (Endpoint endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).as(endpoint.name()).isBetween(105, 145);
        }
    }

    @Test
    void theEndOfARequestDoesNotWaitForAChoice() throws Exception {
        var choosing = new CountDownLatch(2);
        var ended = new CountDownLatch(1);
        var fleet = new Fleet(1, new RoutingPolicy() {
            @Override
            public String name() {
                return "slow";
            }

            @Override
            public int choose(Candidates candidates) {
                choosing.countDown();
                if (choosing.getCount() == 0) {
                    await(ended);
                }
                return 0;
            }
        });
        var first = fleet.send(prompt("first"));
        try (var executor = Executors.newSingleThreadExecutor()) {
            var second = executor.submit(() -> fleet.send(prompt("second")));
            await(choosing);
            first.firstToken();
            assertThat(first.settle(USAGE)).isTrue();
            assertThat(first.settle(USAGE)).isFalse();
            ended.countDown();
            assertThat(second.get().endpoint().inFlight()).isEqualTo(1);
        }
        assertThat(fleet.pool.openReservations()).isEqualTo(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void everythingIsBackToZeroAfterConcurrentTraffic(String policy) throws Exception {
        var fleet = new Fleet(5, policy);
        try (var executor = Executors.newFixedThreadPool(4)) {
            var futures = new ArrayList<Future<Integer>>();
            for (int t = 0; t < 4; t++) {
                int seed = t;
                Callable<Integer> traffic = () -> traffic(fleet, seed);
                futures.add(executor.submit(traffic));
            }
            int settled = 0;
            for (var future : futures) {
                settled += future.get();
            }
            assertThat(settled).isEqualTo(4 * 3000);
        }
        assertThat(fleet.pool.openReservations()).isZero();
        for (Endpoint endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).isZero();
            assertThat(endpoint.pendingPrefillTokens()).isZero();
            assertThat(endpoint.kvTokensInUse(fleet.now)).isZero();
        }
    }

    private static int traffic(Fleet fleet, int seed) {
        var random = new Random(seed);
        var open = new ArrayList<Reservation>();
        int settled = 0;
        for (int i = 0; i < 3000; i++) {
            String topic = "topic " + random.nextInt(50) + " ";
            open.add(fleet.send(prompt(topic.repeat(40), "question " + random.nextInt(10))));
            if (random.nextInt(3) > 0 && !open.isEmpty()) {
                var reservation = open.remove(random.nextInt(open.size()));
                if (random.nextBoolean()) {
                    reservation.firstToken();
                }
                settled += reservation.settle(USAGE) ? 1 : 0;
                settled += reservation.settle(USAGE) ? 1 : 0;
            }
        }
        for (var reservation : open) {
            settled += reservation.settle(Usage.UNKNOWN) ? 1 : 0;
        }
        return settled;
    }
}
