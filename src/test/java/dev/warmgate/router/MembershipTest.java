package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.Endpoint.State;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.policy.RoundRobin;
import dev.warmgate.router.policy.Warm;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints and pools that come, drain and leave while requests go on. */
class MembershipTest {
    private final Fleet fleet = new Fleet(3, "warm");
    private final Crowd crowd = new Crowd(fleet);

    private static EndpointSpec endpoint(int i) {
        return new EndpointSpec("e" + i, URI.create("http://10.0.0.1:" + (8000 + i)), i + 1, Role.BOTH);
    }

    private static PoolSpec spec(EndpointSpec... endpoints) {
        return new PoolSpec(
                "pool",
                List.of(endpoints),
                Set.of("m"),
                HealthPolicy.DEFAULT,
                PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                PoolSpec.DEFAULT_INDEX_BYTES);
    }

    private void reconfigure(EndpointSpec... endpoints) {
        fleet.pool.reconfigure(spec(endpoints), AdmissionSettings.DEFAULT, new Warm());
    }

    private List<String> names() {
        return fleet.pool.endpoints().stream().map(Endpoint::name).toList();
    }

    // ---- coming and leaving

    @Test
    void aNewEndpointTakesRequestsAtOnceAndTheOthersKeepWhatIsKnown() {
        var prompt = Fleet.prompt(1, 6_400);
        var first = fleet.send(prompt);
        var home = first.endpoint();
        home.prefillSecondsPerToken(0.001);
        reconfigure(endpoint(0), endpoint(1), endpoint(2), endpoint(3));
        assertThat(names()).containsExactly("e0", "e1", "e2", "e3");
        assertThat(home.prefillSecondsPerToken()).isEqualTo(0.001);
        assertThat(first.settle(Usage.UNKNOWN)).isTrue();
        var again = fleet.send(prompt);
        assertThat(again.endpoint()).isSameAs(home);
        assertThat(again.decision().cachedTokens()).isEqualTo(6_400);
        var added = fleet.endpoint(3);
        assertThat(added.state()).isEqualTo(State.ACTIVE);
        var others = Set.copyOf(fleet.pool.endpoints().subList(0, 3));
        var there = fleet.router.route(new InferenceRequest("m", Fleet.prompt(2, 64), -1, null), others);
        assertThat(there).isInstanceOfSatisfying(RouteResult.Routed.class, routed -> {
            assertThat(routed.reservation().endpoint()).isSameAs(added);
            routed.reservation().settle(Usage.UNKNOWN);
        });
        again.settle(Usage.UNKNOWN);
        crowd.checkEmpty();
    }

    @Test
    void whoIsNotListedAnyMoreLeavesWithItsLastRequest() {
        var running = crowd.send(3, 64);
        var leaving = fleet.endpoint(1);
        var last = running.stream()
                .map(Crowd.Client::reservation)
                .filter(reservation -> reservation.endpoint() == leaving)
                .findFirst()
                .orElseThrow();
        reconfigure(endpoint(0), endpoint(2));
        assertThat(names()).containsExactly("e0", "e2", "e1");
        assertThat(leaving.state()).isEqualTo(State.LEAVING);
        assertThat(leaving.available()).isFalse();
        var gone = fleet.pool.drain(leaving);
        for (var more : crowd.send(20, 64)) {
            assertThat(more.reservation().endpoint()).isNotSameAs(leaving);
        }
        assertThat(gone).isNotDone();
        last.settle(Usage.UNKNOWN);
        assertThat(gone).isCompletedWithValue(true);
        assertThat(leaving.state()).isEqualTo(State.GONE);
        assertThat(names()).containsExactly("e0", "e2");
        assertThat(fleet.pool.drain(leaving)).isCompletedWithValue(true);
        assertThat(fleet.pool.undrain(leaving)).isFalse();
        crowd.drain();
    }

    @Test
    void anIdleEndpointIsGoneAtOnce() {
        var leaving = fleet.endpoint(0);
        reconfigure(endpoint(1), endpoint(2));
        assertThat(leaving.state()).isEqualTo(State.GONE);
        assertThat(names()).containsExactly("e1", "e2");
    }

    @Test
    void aSlotIsGivenAgainWithoutWhatWasKnownAboutItsFormerOwner() {
        var prompt = Fleet.prompt(1, 6_400);
        var first = fleet.send(prompt);
        var former = first.endpoint();
        first.settle(Usage.UNKNOWN);
        var rest = new ArrayList<>(List.of(endpoint(0), endpoint(1), endpoint(2)));
        rest.remove(former.slot());
        reconfigure(rest.toArray(EndpointSpec[]::new));
        assertThat(former.state()).isEqualTo(State.GONE);
        rest.add(endpoint(7));
        reconfigure(rest.toArray(EndpointSpec[]::new));
        var successor = fleet.endpoint(2);
        assertThat(successor.name()).isEqualTo("e7");
        assertThat(successor.slot()).isEqualTo(former.slot());
        var next = fleet.send(prompt);
        assertThat(next.decision().cachedTokens()).isZero();
        next.settle(Usage.UNKNOWN);
        crowd.checkEmpty();
    }

    @Test
    void aNameWithANewAddressIsAnotherEndpoint() {
        var running = crowd.send(3, 64);
        var old = fleet.endpoint(0);
        var moved = new EndpointSpec("e0", URI.create("http://10.9.9.9:8000"), 1, Role.BOTH);
        reconfigure(moved, endpoint(1), endpoint(2));
        assertThat(names()).containsExactly("e0", "e1", "e2", "e0");
        assertThat(old.state()).isEqualTo(State.LEAVING);
        assertThat(fleet.endpoint(0).address()).isEqualTo(moved.address());
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        assertThat(names()).containsExactly("e0", "e1", "e2");
        crowd.checkEmpty();
    }

    @Test
    void whoIsListedAgainBeforeItsLastRequestEndsStays() {
        var running = crowd.send(3, 64);
        var endpoint = fleet.endpoint(2);
        reconfigure(endpoint(0), endpoint(1));
        var empty = fleet.pool.drain(endpoint);
        assertThat(fleet.pool.undrain(endpoint)).isFalse();
        reconfigure(endpoint(0), endpoint(1), endpoint(2));
        assertThat(fleet.endpoint(2)).isSameAs(endpoint);
        assertThat(endpoint.state()).isEqualTo(State.ACTIVE);
        assertThat(empty).isCompletedWithValue(false);
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        assertThat(endpoint.state()).isEqualTo(State.ACTIVE);
        crowd.checkEmpty();
    }

    @Test
    void aNewSpecificationOfTheSameEndpointCountsAtOnce() {
        var endpoint = fleet.endpoint(0);
        fleet.pool.reconfigure(
                new PoolSpec(
                        "pool",
                        List.of(new EndpointSpec("e0", endpoint.address(), 9, Role.BOTH)),
                        Set.of("other"),
                        new HealthPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(2)),
                        50_000,
                        PoolSpec.DEFAULT_INDEX_BYTES),
                AdmissionSettings.DEFAULT,
                new RoundRobin());
        assertThat(fleet.endpoint(0)).isSameAs(endpoint);
        assertThat(endpoint.spec().weight()).isEqualTo(9);
        assertThat(endpoint.kvCapacityTokens()).isEqualTo(50_000);
        assertThat(fleet.pool.policy().name()).isEqualTo("round-robin");
        assertThat(fleet.pool.models()).containsExactly("other");
        endpoint.reportFailure(FailureKind.RESET);
        assertThat(endpoint.unavailableFor()).isBetween(Duration.ofMillis(1_600), Duration.ofSeconds(2));
    }

    @Test
    void aPolicyOfTheSameNameGoesOn() {
        var policy = fleet.pool.policy();
        reconfigure(endpoint(0));
        assertThat(fleet.pool.policy()).isSameAs(policy);
    }

    @Test
    void aPoolWithoutEndpointsSaysSo() {
        reconfigure();
        assertThat(fleet.pool.endpoints()).isEmpty();
        var result = fleet.router.admit(new InferenceRequest("m", Fleet.prompt(1, 64), -1, null), _ -> {});
        assertThat(result).isInstanceOfSatisfying(RouteResult.Unavailable.class, none -> {
            assertThat(none.reason()).contains("no endpoints that take new requests");
            assertThat(none.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        });
        assertThat(fleet.pool.indexStats().pressure()).isEqualTo(1.0);
        reconfigure(endpoint(5));
        fleet.send(Fleet.prompt(1, 64)).settle(Usage.UNKNOWN);
        crowd.checkEmpty();
    }

    @Test
    void twoEndpointsOfOneNameAreRefused() {
        assertThatThrownBy(() -> spec(endpoint(0), endpoint(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoints: e0 twice (expected: once)");
    }

    // ---- draining

    @Test
    void whoDrainsGetsNothingNewUntilItIsTakenBack() {
        var running = crowd.send(3, 64);
        var draining = fleet.endpoint(0);
        var empty = fleet.pool.drain(draining);
        assertThat(draining.state()).isEqualTo(State.DRAINING);
        for (var more : crowd.send(20, 64)) {
            assertThat(more.reservation().endpoint()).isNotSameAs(draining);
        }
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        assertThat(empty).isCompletedWithValue(true);
        assertThat(draining.state()).isEqualTo(State.DRAINING);
        assertThat(fleet.pool.drain(draining)).isCompletedWithValue(true);
        assertThat(fleet.pool.undrain(draining)).isTrue();
        crowd.drain();
        var others = Set.copyOf(fleet.pool.endpoints().subList(1, 3));
        var back = fleet.router.route(new InferenceRequest("m", Fleet.prompt(9, 64), -1, null), others);
        assertThat(back).isInstanceOf(RouteResult.Routed.class);
    }

    @Test
    void whoIsTakenBackBeforeItIsEmptyIsNotReportedEmpty() {
        crowd.send(3, 64);
        var empty = fleet.pool.drain(fleet.endpoint(0));
        assertThat(fleet.pool.undrain(fleet.endpoint(0))).isTrue();
        assertThat(empty).isCompletedWithValue(false);
        crowd.drain();
    }

    @Test
    void aDrainedEndpointStaysDrainedWhenTheConfigurationIsReadAgain() {
        var draining = fleet.endpoint(0);
        var _ = fleet.pool.drain(draining);
        reconfigure(endpoint(0), endpoint(1));
        assertThat(draining.state()).isEqualTo(State.DRAINING);
        reconfigure(endpoint(1));
        assertThat(draining.state()).isEqualTo(State.GONE);
    }

    @Test
    void anEndpointOfAnotherPoolIsRefused() {
        var stranger = new Fleet(4, "warm").endpoint(0);
        assertThatThrownBy(() -> fleet.pool.drain(stranger)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fleet.pool.undrain(stranger)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- those that wait

    @ParameterizedTest
    @ValueSource(strings = {"warm", "round-robin"})
    void thoseThatWaitForOneThatLeavesGoElsewhere(String policy) {
        var full = new Crowd(new Fleet(2, policy));
        full.send(2, Crowd.LONG);
        var waiting = full.send(20, Crowd.LONG);
        var leaving = full.fleet.endpoint(0);
        assertThat(leaving.parked().requests()).isPositive();
        var same = Objects.requireNonNull(Policies.create(policy));
        full.fleet.pool.reconfigure(spec(endpoint(1)), AdmissionSettings.DEFAULT, same);
        assertThat(leaving.parked().requests()).isZero();
        full.drain();
        for (var client : waiting) {
            assertThat(client.reservation().endpoint()).isNotSameAs(leaving);
        }
        assertThat(leaving.state()).isEqualTo(State.GONE);
    }

    @Test
    void thoseThatWaitGoToOneThatComesSoon() {
        crowd.send(3, Crowd.LONG);
        var waiting = crowd.send(5, Crowd.LONG);
        assertThat(waiting).allMatch(Crowd.Client::waits);
        reconfigure(endpoint(0), endpoint(1), endpoint(2), endpoint(3));
        crowd.pass(Duration.ofMillis(60));
        assertThat(waiting.stream().filter(client -> !client.waits()))
                .singleElement()
                .satisfies(client -> assertThat(client.reservation().endpoint()).isSameAs(fleet.endpoint(3)));
        crowd.drain();
    }

    @Test
    void withoutAnyEndpointTheyWaitForOneToCome() {
        crowd.send(3, Crowd.LONG);
        var waiting = crowd.send(5, Crowd.LONG);
        reconfigure();
        crowd.clients.forEach(client -> {
            if (!client.waits()) {
                client.reservation().settle(Usage.UNKNOWN);
            }
        });
        crowd.pass(Duration.ofSeconds(5));
        assertThat(waiting).allMatch(Crowd.Client::waits);
        assertThat(fleet.pool.endpoints()).isEmpty();
        reconfigure(endpoint(4));
        assertThat(waiting.stream().filter(client -> !client.waits())).isNotEmpty();
        crowd.drain();
        assertThat(waiting).allMatch(client -> client.result instanceof RouteResult.Routed);
    }

    @Test
    void whenAdmissionIsSwitchedOffNobodyWaitsAnyMore() {
        crowd.send(3, Crowd.LONG);
        var waiting = crowd.send(30, Crowd.LONG);
        assertThat(waiting).allMatch(Crowd.Client::waits);
        var same = spec(endpoint(0), endpoint(1), endpoint(2));
        fleet.pool.reconfigure(same, AdmissionSettings.DEFAULT.disabled(), new Warm());
        assertThat(waiting).noneMatch(Crowd.Client::waits);
        assertThat(fleet.pool.queues()).isFalse();
        assertThat(crowd.send(Crowd.LONG, Standing.DEFAULT).waits()).isFalse();
        fleet.pool.reconfigure(same, AdmissionSettings.DEFAULT, new Warm());
        assertThat(crowd.send(Crowd.LONG, Standing.DEFAULT).waits()).isTrue();
        crowd.drain();
    }

    @Test
    void newLimitsCountForThoseThatComeNext() {
        crowd.send(3, Crowd.LONG);
        crowd.send(5, Crowd.LONG);
        var strict = new AdmissionSettings(true, Duration.ofSeconds(60), 2, 1 << 20, List.of(), 2);
        fleet.pool.reconfigure(spec(endpoint(0), endpoint(1), endpoint(2)), strict, new Warm());
        assertThat(crowd.send(1, Crowd.LONG).getFirst().refusal()).isEqualTo(RefusalReason.FLOW_FULL);
        assertThat(fleet.router.waiting()).isEqualTo(5);
        crowd.drain();
    }

    // ---- pools

    @Test
    void aRemovedPoolSendsWhatWaitsThereAndIsGone() {
        crowd.send(3, Crowd.LONG);
        var waiting = crowd.send(3, Crowd.LONG);
        var other = new Fleet(2, "warm");
        fleet.router.reconfigure(List.of(other.pool));
        assertThat(fleet.router.pools()).containsExactly(other.pool);
        assertThat(fleet.router.retiring()).containsExactly(fleet.pool);
        assertThat(fleet.router.waiting()).isEqualTo(3);
        var next = crowd.send(1, 64).getFirst();
        assertThat(other.pool.endpoints()).contains(next.reservation().endpoint());
        crowd.drain();
        assertThat(waiting).allMatch(client -> client.result instanceof RouteResult.Routed);
        assertThat(fleet.router.retiring()).isEmpty();
        assertThat(fleet.pool.endpoints()).isEmpty();
        assertThatThrownBy(() -> reconfigure(endpoint(0))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> fleet.router.reconfigure(List.of(fleet.pool)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pools: pool was removed (expected: a new one)");
    }

    @Test
    void whoeverListensHearsOfEveryChange() {
        var heard = new AtomicInteger();
        fleet.router.onChange(heard::incrementAndGet);
        reconfigure(endpoint(0), endpoint(1), endpoint(2), endpoint(3));
        assertThat(heard.getAndSet(0)).isPositive();
        // It starts slowly.
        fleet.now += Duration.ofMinutes(1).toNanos();
        var running = crowd.send(4, 64);
        assertThat(heard.get()).isZero();
        var _ = fleet.pool.drain(fleet.endpoint(0));
        assertThat(heard.getAndSet(0)).isPositive();
        fleet.pool.undrain(fleet.endpoint(0));
        assertThat(heard.getAndSet(0)).isPositive();
        reconfigure(endpoint(0));
        assertThat(heard.getAndSet(0)).isPositive();
        running.forEach(client -> client.reservation().settle(Usage.UNKNOWN));
        // Three went.
        assertThat(heard.getAndSet(0)).isEqualTo(3);
        var other = new Fleet(1, "warm");
        fleet.router.reconfigure(List.of(fleet.pool, other.pool));
        assertThat(heard.getAndSet(0)).isPositive();
        var _ = other.pool.drain(other.endpoint(0));
        assertThat(heard.get()).isPositive();
    }

    // ---- policies count on slots

    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "weighted", "least-requests", "power-of-two", "random", "session-hash"})
    void everyPolicyUsesAllThatAreThereInWhateverOrderTheyCame(String policy) {
        var other = new Fleet(3, policy);
        var same = Objects.requireNonNull(Policies.create(policy));
        other.pool.reconfigure(spec(endpoint(2)), AdmissionSettings.DEFAULT, same);
        other.pool.reconfigure(
                spec(endpoint(7), endpoint(2), endpoint(6), endpoint(5)), AdmissionSettings.DEFAULT, same);
        var random = new Random(3);
        var used = new HashSet<Endpoint>();
        for (int i = 0; i < 200; i++) {
            var reservation = other.send(Fleet.prompt(random.nextInt(1_000), 640));
            used.add(reservation.endpoint());
            reservation.settle(Usage.UNKNOWN);
        }
        assertThat(used).hasSize(4);
    }
}
