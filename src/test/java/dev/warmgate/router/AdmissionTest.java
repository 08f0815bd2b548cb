package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Crowd.Client;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Policies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that wait in a pool, with a clock set by hand. */
class AdmissionTest {
    private static final Duration MAX_WAIT = AdmissionSettings.DEFAULT.maxWait();
    private static final double NONE = Standing.NONE;

    static List<String> policies() {
        return Policies.names();
    }

    private static Standing of(int priority, String tenant) {
        return new Standing(priority, tenant, tenant, 1, NONE, NONE, NONE);
    }

    private static RoutingPolicy warm() {
        return Objects.requireNonNull(Policies.create(Policies.WARM));
    }

    /** Eight sessions lose their blocks to six new ones with every turn; nobody is left waiting for an idle endpoint. */
    @Test
    void anIdleEndpointTakesWhatWaitsThoughSessionsLoseTheirBlocks() {
        var crowd = new Crowd(new Fleet(AdmissionSettings.DEFAULT, 4 * Crowd.LONG, 1, warm()));
        for (int turn = 0; turn < 12; turn++) {
            for (int session = 1_001; session <= 1_008; session++) {
                crowd.send(new InferenceRequest("m", Fleet.prompt(session, Crowd.LONG + 64 * turn), 100, null));
            }
            crowd.send(6, Crowd.LONG);
            while (crowd.fleet.router.waiting() > 0) {
                assertThat(crowd.fleet.pool.openReservations())
                        .as("turn %d", turn)
                        .isPositive();
                for (var client : crowd.clients) {
                    if (!client.waits()) {
                        client.reservation().settle(Usage.UNKNOWN);
                    }
                }
                crowd.pass(Router.TICK);
            }
        }
    }

    // ---- endpoints come and go

    @Test
    void whoWaitsForAnEndpointThatGoesDownGoesElsewhere() {
        var crowd = new Crowd(new Fleet(2, "warm"));
        var running = crowd.send(2, Crowd.LONG);
        crowd.send(20, Crowd.LONG);
        assertThat(crowd.fleet.endpoint(0).parked().requests()).isPositive();
        assertThat(crowd.fleet.router.waiting()).isEqualTo(20);
        crowd.fleet.endpoint(0).reportCheck(false);
        crowd.pass(Router.TICK);
        assertThat(crowd.fleet.endpoint(0).parked().requests()).isZero();
        crowd.drain();
        for (var client : crowd.clients) {
            if (!running.contains(client)) {
                assertThat(client.reservation().endpoint()).isSameAs(crowd.fleet.endpoint(1));
            }
        }
    }

    @Test
    void whileAllAreDownTheyWaitAsLongAsTheyMay() {
        var crowd = new Crowd(new Fleet(2, "warm"));
        var running = crowd.send(2, Crowd.LONG);
        var waiting = crowd.send(5, Crowd.LONG);
        crowd.fleet.pool.endpoints().forEach(endpoint -> endpoint.reportCheck(false));
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        crowd.pass(MAX_WAIT.minusMillis(1));
        assertThat(crowd.fleet.router.waiting()).isEqualTo(5);
        crowd.pass(Duration.ofMillis(1));
        for (var client : waiting) {
            assertThat(client.refusal()).isEqualTo(RefusalReason.EXPIRED);
        }
        crowd.checkEmpty();
    }

    @Test
    void whenOneIsUpAgainTheyGoThere() {
        var crowd = new Crowd(new Fleet(2, "warm"));
        crowd.send(12, Crowd.LONG);
        crowd.fleet.pool.endpoints().forEach(endpoint -> endpoint.reportCheck(false));
        crowd.pass(Duration.ofSeconds(30));
        crowd.fleet.endpoint(1).reportCheck(true);
        crowd.drain();
        assertThat(crowd.clients).noneMatch(client -> client.result instanceof RouteResult.Refused);
    }

    @Test
    void oneWhoseModelNobodyServesNowHoldsUpNobody() {
        var crowd = new Crowd(new Fleet(2, "warm"));
        crowd.fleet.endpoint(0).models(Set.of("a"));
        crowd.fleet.endpoint(1).models(Set.of("b"));
        var running = List.of(send(crowd, "a", 1), send(crowd, "b", 2));
        var first = send(crowd, "a", 3);
        var others = new ArrayList<Client>();
        for (int i = 4; i < 8; i++) {
            others.add(send(crowd, "b", i));
        }
        assertThat(crowd.fleet.router.waiting()).isEqualTo(5);
        crowd.fleet.endpoint(0).reportCheck(false);
        crowd.pass(Router.TICK);
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        for (var other : others) {
            other.reservation().settle(Usage.UNKNOWN);
        }
        assertThat(first.waits()).isTrue();
        crowd.fleet.endpoint(0).reportCheck(true);
        crowd.pass(Duration.ofSeconds(2));
        assertThat(first.reservation().endpoint()).isSameAs(crowd.fleet.endpoint(0));
        crowd.drain();
    }

    private static Client send(Crowd crowd, String model, int session) {
        return crowd.send(new InferenceRequest(model, Fleet.prompt(session, Crowd.LONG), 100, null));
    }

    // ---- what engines say, and when it is

    private enum Metrics {
        NONE,
        FRESH,
        OLD
    }

    @Test
    void engineMetricsMakeNoDifferenceToWhoGoesWhen() {
        for (long seed = 1; seed <= 5; seed++) {
            var without = history(Metrics.NONE, seed);
            assertThat(without).contains("told", "queued");
            assertThat(history(Metrics.FRESH, seed)).as("seed " + seed).isEqualTo(without);
            assertThat(history(Metrics.OLD, seed)).as("seed " + seed).isEqualTo(without);
        }
    }

    private static List<String> history(Metrics metrics, long seed) {
        var fleet = new Fleet(AdmissionSettings.DEFAULT, 200_000, 3, warm());
        var crowd = new Crowd(fleet);
        var random = new Random(seed);
        var log = new ArrayList<String>();
        fleet.now = 100_000_000_000L;
        for (int step = 0; step < 400; step++) {
            if (metrics != Metrics.NONE) {
                long read = metrics == Metrics.OLD ? fleet.now - 5_000_000_000L : fleet.now;
                for (var endpoint : fleet.pool.endpoints()) {
                    endpoint.engineLoad(new EngineLoad(read, 200, 500, 1, 200_000, 1_000_000, 0));
                }
            }
            var client = crowd.send(64 * (1 + random.nextInt(300)), of(random.nextInt(3) - 1, "t" + random.nextInt(3)));
            log.add(client.waits() ? "queued" : "at once");
            crowd.pass(Duration.ofMillis(random.nextInt(100)));
            for (int i = 0; i < crowd.clients.size(); i++) {
                if (crowd.clients.get(i).result instanceof RouteResult.Routed(var reservation)
                        && random.nextInt(20) == 0
                        && reservation.settle(new Usage(-1, -1, random.nextInt(300)))) {
                    log.add("told");
                    log.add(i + " at " + reservation.endpoint().name() + ", " + fleet.now);
                }
            }
        }
        crowd.drain();
        return log;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -4_000_000_000_000_000_000L, -1, Long.MAX_VALUE - 1_000_000_000L})
    void theClockMayShowAnyTime(long now) {
        var fleet = new Fleet(1, "warm");
        fleet.now = now;
        var crowd = new Crowd(fleet);
        crowd.send(1, 3 * Crowd.LONG);
        var patient = crowd.send(3, Crowd.LONG);
        var urgent = crowd.send(Crowd.LONG, new Standing(0, "default", "default", 1, 60, NONE, 100));
        var soon = crowd.send(64, new Standing(0, "default", "default", 1, NONE, NONE, 30));
        crowd.pass(Duration.ofSeconds(1));
        assertThat(crowd.fleet.router.waiting()).isEqualTo(5);
        crowd.pass(Duration.ofSeconds(29));
        assertThat(soon.refusal()).isEqualTo(RefusalReason.DEADLINE);
        crowd.clients.getFirst().reservation().settle(Usage.UNKNOWN);
        assertThat(urgent.waits()).isFalse();
        crowd.drain();
        assertThat(patient).allMatch(client -> client.result instanceof RouteResult.Routed);
    }

    @Test
    void waitsWithoutEndAreTakenForVeryLongOnes() {
        var whole = AdmissionSettings.DEFAULT;
        var settings = new AdmissionSettings(
                true, Duration.ofSeconds(Long.MAX_VALUE), whole.maxRequests(), whole.maxBytes(), List.of(), 10);
        var crowd = new Crowd(new Fleet(settings, PoolSpec.DEFAULT_KV_CAPACITY_TOKENS, 1, warm()));
        crowd.send(1, 3 * Crowd.LONG);
        crowd.send(Crowd.LONG, new Standing(0, "a", "a", 1, Double.MAX_VALUE, NONE, Double.MAX_VALUE));
        crowd.send(Crowd.LONG, new Standing(0, "a", "a", 1, Double.MIN_VALUE, Double.MIN_VALUE, NONE));
        crowd.pass(Duration.ofDays(1_000));
        assertThat(crowd.fleet.router.waiting()).isEqualTo(2);
        crowd.drain();
    }

    @Test
    void aDeadlineThatCannotBeMetIsRefusedAtOnceOrWhenItsTimeIsOver() {
        var crowd = new Crowd(new Fleet(1, "warm"));
        crowd.send(1, Crowd.LONG);
        var hopeless = crowd.send(Crowd.LONG, new Standing(0, "a", "a", 1, NONE, NONE, 0.5));
        assertThat(hopeless.refusal()).isEqualTo(RefusalReason.DEADLINE);
        var late = crowd.send(64, new Standing(0, "a", "a", 1, NONE, NONE, 3));
        crowd.pass(Duration.ofSeconds(4));
        assertThat(late.refusal()).isEqualTo(RefusalReason.DEADLINE);
        crowd.drain();
    }

    // ---- policies that do not look at prompts

    @ParameterizedTest
    @MethodSource("policies")
    void everyPolicyQueuesAndDrains(String name) {
        var policy = new Counting(Objects.requireNonNull(Policies.create(name)));
        var crowd = new Crowd(new Fleet(AdmissionSettings.DEFAULT, 100_000, 4, policy));
        crowd.send(400, 6_400);
        assertThat(crowd.fleet.router.waiting()).isGreaterThan(300);
        crowd.drain();
        assertThat(crowd.clients).allMatch(client -> client.result instanceof RouteResult.Routed);
        for (var endpoint : crowd.fleet.pool.endpoints()) {
            assertThat(crowd.clients.stream()
                            .filter(client -> client.reservation().endpoint() == endpoint)
                            .count())
                    .as(endpoint.name())
                    .isPositive();
        }
    }

    @Test
    void aBlindPolicyChoosesOnce() {
        var policy = new Counting(Objects.requireNonNull(Policies.create("round-robin")));
        var crowd = new Crowd(new Fleet(AdmissionSettings.DEFAULT, 100_000, 4, policy));
        crowd.send(400, 6_400);
        // Without time: nobody looks whether to go elsewhere.
        int done = 0;
        while (done < 400) {
            for (var client : crowd.clients) {
                if (client.result instanceof RouteResult.Routed(var reservation) && reservation.settle(Usage.UNKNOWN)) {
                    done++;
                }
            }
        }
        assertThat(policy.choices).isEqualTo(400);
        for (var endpoint : crowd.fleet.pool.endpoints()) {
            assertThat(crowd.clients.stream()
                            .filter(client -> client.reservation().endpoint() == endpoint))
                    .hasSize(100);
        }
        crowd.checkEmpty();
    }

    /** Counts what its policy chooses. */
    private static final class Counting implements RoutingPolicy {
        final RoutingPolicy policy;
        int choices;

        Counting(RoutingPolicy policy) {
            this.policy = policy;
        }

        @Override
        public String name() {
            return policy.name();
        }

        @Override
        public boolean readsPrefixIndex() {
            return policy.readsPrefixIndex();
        }

        @Override
        public int choose(Candidates candidates) {
            choices++;
            return policy.choose(candidates);
        }
    }

    // ---- what is promised

    @Test
    void sheddableRequestsAreNotStarvedByABandThatKeepsEveryEndpointBusy() {
        var crowd = new Crowd(new Fleet(2, "warm"));
        var batch = crowd.send(20, 64);
        batch.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        crowd.clients.clear();
        var below = new ArrayList<Client>();
        for (int i = 0; i < 40; i++) {
            crowd.send(4_800, of(10, "top"));
        }
        for (int i = 0; i < 5; i++) {
            below.add(crowd.send(4_800, of(-10, "batch")));
        }
        // Prompts of the top band are a quarter of a second each, one is done at each endpoint at a time, and there are
        // always more.
        for (int round = 0; round < 400; round++) {
            fleetTakesOneOfEach(crowd);
            crowd.send(4_800, of(10, "top"));
            crowd.send(4_800, of(10, "top"));
            crowd.pass(Duration.ofMillis(100));
        }
        assertThat(below).allMatch(client -> client.result instanceof RouteResult.Routed);
        crowd.drain();
    }

    /** Ends the request that each endpoint took first. */
    private static void fleetTakesOneOfEach(Crowd crowd) {
        for (var endpoint : crowd.fleet.pool.endpoints()) {
            for (var client : List.copyOf(crowd.clients)) {
                if (client.result instanceof RouteResult.Routed(var reservation)
                        && reservation.endpoint() == endpoint
                        && reservation.settle(Usage.UNKNOWN)) {
                    break;
                }
            }
        }
    }
}
