package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Endpoint.Condition;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.RoundRobin;
import dev.warmgate.router.policy.Warm;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that look bad, that come back, and that have as much as they may. */
class PanicTest {
    private static Fleet fleet(int endpoints, String policy) {
        return new Fleet(endpoints, policy);
    }

    private static Map<Endpoint, Integer> send(Fleet fleet, int requests) {
        var count = new HashMap<Endpoint, Integer>();
        for (int i = 0; i < requests; i++) {
            var reservation = fleet.send(Fleet.prompt(1_000 + i, 640));
            count.merge(reservation.endpoint(), 1, Integer::sum);
            reservation.settle(Usage.UNKNOWN);
        }
        return count;
    }

    private static void eject(Endpoint endpoint) {
        endpoint.reportFailure(FailureKind.CONNECT);
        endpoint.reportFailure(FailureKind.CONNECT);
        assertThat(endpoint.condition()).isEqualTo(Condition.EJECTED);
    }

    // ---- panic

    @ParameterizedTest
    @ValueSource(strings = {"warm", "round-robin"})
    void aMinorityThatLooksBadGetsNothing(String policy) {
        var fleet = fleet(4, policy);
        eject(fleet.endpoint(0));
        fleet.endpoint(1).reportCheck(CheckResult.SICK);
        assertThat(fleet.pool.panics()).isFalse();
        assertThat(send(fleet, 40).keySet()).containsExactlyInAnyOrder(fleet.endpoint(2), fleet.endpoint(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"warm", "round-robin"})
    void aMajorityThatLooksBadGetsRequestsAllTheSame(String policy) {
        var fleet = fleet(4, policy);
        eject(fleet.endpoint(0));
        eject(fleet.endpoint(1));
        fleet.endpoint(2).reportCheck(CheckResult.SICK);
        assertThat(fleet.pool.panics()).isTrue();
        assertThat(send(fleet, 40).keySet()).containsExactlyInAnyOrderElementsOf(fleet.pool.endpoints());
    }

    @Test
    void oneWhoseProcessIsGoneIsTriedOnlyWhenThereIsNobodyElse() {
        var fleet = fleet(3, "round-robin");
        eject(fleet.endpoint(0));
        fleet.endpoint(1).reportCheck(CheckResult.REFUSED);
        fleet.endpoint(2).reportCheck(CheckResult.REFUSED);
        assertThat(send(fleet, 20).keySet()).containsExactly(fleet.endpoint(0));
        fleet.endpoint(0).reportCheck(CheckResult.REFUSED);
        assertThat(send(fleet, 20)).hasSize(3);
    }

    @Test
    void whoDrainsGetsNothingEvenInPanic() {
        var fleet = fleet(3, "round-robin");
        fleet.pool.endpoints().forEach(PanicTest::eject);
        var _ = fleet.pool.drain(fleet.endpoint(1));
        assertThat(send(fleet, 20).keySet()).containsExactlyInAnyOrder(fleet.endpoint(0), fleet.endpoint(2));
    }

    @Test
    void afterAllWereTriedTheAnswerIsHonest() {
        var fleet = fleet(3, "warm");
        fleet.pool.endpoints().forEach(PanicTest::eject);
        var tried = new HashSet<Endpoint>();
        var request = new InferenceRequest("m", Fleet.prompt(1, 640), -1, null);
        for (int i = 0; i < 3; i++) {
            var routed = (RouteResult.Routed) fleet.router.route(request, tried);
            assertThat(tried.add(routed.reservation().endpoint())).isTrue();
            routed.reservation().settle(Usage.UNKNOWN);
        }
        var result = (RouteResult.Unavailable) fleet.router.route(request, tried);
        assertThat(result.reason()).contains("All 3 endpoints of pool pool are down");
        assertThat(result.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void thresholdOneNeverPanics() {
        var fleet = fleet(2, "warm");
        var spec = PoolSpec.of(
                "pool", fleet.pool.endpoints().stream().map(Endpoint::spec).toList());
        var policy = new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30));
        fleet.pool.reconfigure(
                new PoolSpec("pool", spec.endpoints(), Set.of("m"), policy, 300_000, 1 << 20),
                AdmissionSettings.DEFAULT,
                new Warm());
        fleet.pool.endpoints().forEach(PanicTest::eject);
        var result = fleet.router.route(new InferenceRequest("m", Fleet.prompt(1, 640), -1, null), Set.of());
        assertThat(result).isInstanceOf(RouteResult.Unavailable.class);
    }

    @Test
    void thoseThatWaitGoToOneThatLooksBadButNotToOneThatIsGone() {
        var crowd = new Crowd(fleet(2, "warm"));
        crowd.send(2, Crowd.LONG);
        var waiting = crowd.send(6, Crowd.LONG);
        crowd.fleet.pool.endpoints().forEach(endpoint -> endpoint.reportCheck(CheckResult.REFUSED));
        crowd.clients.stream()
                .filter(client -> !client.waits())
                .toList()
                .forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        crowd.pass(Duration.ofSeconds(5));
        assertThat(waiting).allMatch(Crowd.Client::waits);
        crowd.fleet.endpoint(1).reportCheck(CheckResult.SICK);
        crowd.drain();
        for (var client : waiting) {
            assertThat(client.reservation().endpoint()).isSameAs(crowd.fleet.endpoint(1));
        }
    }

    // ---- slow start

    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "least-requests", "random", "weighted", "power-of-two", "session-hash"})
    void underBlindPoliciesOneThatComesBackTakesAGrowingShare(String policy) {
        var fleet = fleet(4, policy);
        int usual = send(fleet, 2_000).getOrDefault(fleet.endpoint(2), 0);
        fleet.endpoint(2).reportCheck(CheckResult.REFUSED);
        fleet.now += 1_000_000_000L;
        fleet.endpoint(2).reportCheck(CheckResult.ALIVE);
        int first = send(fleet, 2_000).getOrDefault(fleet.endpoint(2), 0);
        assertThat(first).isBetween(usual / 40, usual * 3 / 10);
        fleet.now += 5_000_000_000L;
        int half = send(fleet, 2_000).getOrDefault(fleet.endpoint(2), 0);
        assertThat(half).isBetween(usual / 4, usual * 3 / 4);
        fleet.now += 6_000_000_000L;
        int all = send(fleet, 2_000).getOrDefault(fleet.endpoint(2), 0);
        assertThat(all).isBetween(usual * 3 / 4, usual * 5 / 4);
    }

    @Test
    void underWarmANewEndpointTakesAGrowingShareOfABusyFleet() {
        var fleet = fleet(4, "warm");
        var specs = new ArrayList<>(
                fleet.pool.endpoints().stream().map(Endpoint::spec).toList());
        specs.add(EndpointSpec.of(URI.create("http://10.0.0.9:1")));
        fleet.pool.reconfigure(
                new PoolSpec("pool", specs, Set.of("m"), HealthPolicy.DEFAULT, 300_000, 1 << 20),
                AdmissionSettings.DEFAULT,
                new Warm());
        var fresh = fleet.endpoint(4);
        // What it takes until its price is that of the others, which have some requests each.
        int before = -1;
        for (int seconds : new int[] {0, 3, 6, 10}) {
            var open = new ArrayList<Reservation>();
            for (int i = 0; i < 200; i++) {
                open.add(fleet.send(Fleet.prompt(1_000 * (10 + seconds) + i, 640)));
            }
            int here = fresh.inFlight();
            assertThat(here).as("after " + seconds + " s").isGreaterThan(before);
            if (seconds == 0) {
                assertThat(here).isLessThan(20);
            }
            before = here;
            open.forEach(reservation -> reservation.settle(Usage.UNKNOWN));
            fleet.now += 3_400_000_000L;
        }
        assertThat(before).isBetween(35, 45);
    }

    @Test
    void admissionGivesItLittleAtFirst() {
        var crowd = new Crowd(fleet(2, "warm"));
        var back = crowd.fleet.endpoint(1);
        back.reportCheck(CheckResult.REFUSED);
        back.reportCheck(CheckResult.ALIVE);
        crowd.send(60, 192);
        int first = back.inFlight();
        assertThat(first).isBetween(1, 3);
        assertThat(crowd.fleet.endpoint(0).inFlight()).isGreaterThan(3 * first);
        crowd.drain();
    }

    @Test
    void anOnlyEndpointIsNotHeldBackWhenItComesBack() {
        var crowd = new Crowd(fleet(1, "warm"));
        crowd.send(60, 640);
        int usual = crowd.fleet.endpoint(0).inFlight();
        crowd.drain();
        crowd.clients.clear();
        crowd.fleet.endpoint(0).reportCheck(CheckResult.REFUSED);
        crowd.fleet.endpoint(0).reportCheck(CheckResult.ALIVE);
        crowd.send(60, 640);
        assertThat(crowd.fleet.endpoint(0).inFlight()).isEqualTo(usual);
        crowd.drain();
    }

    // ---- limits

    private static Fleet limited(AdmissionSettings settings, int most) {
        var fleet = new Fleet(settings, PoolSpec.DEFAULT_KV_CAPACITY_TOKENS, 2, new RoundRobin());
        fleet.pool.reconfigure(limitedSpec(fleet, most), settings, new RoundRobin());
        return fleet;
    }

    private static PoolSpec limitedSpec(Fleet fleet, int most) {
        List<EndpointSpec> same =
                fleet.pool.endpoints().stream().map(Endpoint::spec).toList();
        return new PoolSpec("pool", same, Set.of("m"), HealthPolicy.DEFAULT, 300_000, 1 << 20, most);
    }

    @Test
    void withAdmissionThoseBeyondTheLimitWait() {
        var crowd = new Crowd(limited(AdmissionSettings.DEFAULT, 3));
        crowd.send(10, 64);
        for (var endpoint : crowd.fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).isEqualTo(3);
        }
        assertThat(crowd.fleet.router.waiting()).isEqualTo(4);
        // Also when nobody shall wait for anything else.
        var off = AdmissionSettings.DEFAULT.disabled();
        crowd.fleet.pool.reconfigure(limitedSpec(crowd.fleet, 4), off, new RoundRobin());
        for (var endpoint : crowd.fleet.pool.endpoints()) {
            assertThat(endpoint.inFlight()).isEqualTo(4);
        }
        assertThat(crowd.fleet.router.waiting()).isEqualTo(2);
        crowd.drain();
        assertThat(crowd.clients).allMatch(client -> client.result instanceof RouteResult.Routed);
    }

    @Test
    void withoutAdmissionThoseBeyondTheLimitAreToldWhenToComeBack() {
        var crowd = new Crowd(limited(AdmissionSettings.DEFAULT.disabled(), 3));
        crowd.send(6, 64);
        var seventh = crowd.send(1, 64).getFirst();
        assertThat(seventh.result).isInstanceOfSatisfying(RouteResult.Unavailable.class, full -> {
            assertThat(full.reason()).contains("have 3 requests in flight, as many as they may");
            assertThat(full.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        });
        assertThat(crowd.fleet.router.routeByLoad(Set.of())).isInstanceOf(RouteResult.Unavailable.class);
        crowd.clients.getFirst().reservation().settle(Usage.UNKNOWN);
        assertThat(crowd.send(1, 64).getFirst().result).isInstanceOf(RouteResult.Routed.class);
        crowd.drain();
    }
}
