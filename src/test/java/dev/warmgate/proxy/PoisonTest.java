package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.BodyHash;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.quarantine.Standing;
import dev.warmgate.twin.fault.Fault;
import dev.warmgate.twin.fault.FaultPlan;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinReplica;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A request that kills whoever works on it must not kill the fleet, and nobody else may be blamed for it. */
class PoisonTest {
    private static final HealthPolicy HEALTH = new HealthPolicy(3, Duration.ofMillis(100), Duration.ofMillis(400));

    private static final String CHAT = "/v1/chat/completions";

    private static TwinFleet fleet() throws IOException {
        return TwinFleet.start(TwinSettings.DEFAULTS
                .withReplicas(8)
                .withModels(List.of("m"))
                .withSpeedUp(50)
                .withFaults(FaultPlan.parse("poison=arsenic,vanish-time=60s")));
    }

    private static Gateway gateway(TwinFleet fleet) {
        return Gateway.start(
                Gateway.Options.DEFAULT.health(HEALTH),
                fleet.replicas().stream().map(TwinReplica::url).toArray(URI[]::new));
    }

    private static long deaths(TwinFleet fleet) {
        return fleet.replicas().stream()
                .mapToLong(replica -> replica.faultsHappened().getOrDefault(Fault.VANISH, 0L))
                .sum();
    }

    private static String body(String text) {
        return "{\"model\":\"m\",\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
    }

    @Test
    void itIsRefusedAfterTwoDeathsAndAtOnceWhenItComesAgain() throws Exception {
        try (var fleet = fleet();
                var gateway = gateway(fleet);
                var client = gateway.client()) {
            for (int i = 1; i <= 3; i++) {
                var answer = client.post(CHAT, body("arsenic")).response();
                assertThat(answer.status()).as(answer.text()).isEqualTo(422);
                assertThat(answer.text()).contains("request_quarantined", "/admin/quarantine");
                assertThat(answer.field("x-should-retry")).isEqualTo("false");
                assertThat(deaths(fleet)).isEqualTo(2);
                assertThat(gateway.outcome(2 * i - 1)).isEqualTo(Outcome.REFUSED);
                assertThat(gateway.report(2 * i - 1).admittance().refusal()).isEqualTo("quarantine");
                assertThat(client.post(CHAT, body("sugar " + i)).response().status())
                        .isEqualTo(200);
                gateway.report(2 * i);
            }
            assertThat(gateway.quarantine().found()).isEqualTo(1);
            var known = gateway.quarantine().list(10);
            assertThat(known).hasSize(1);
            assertThat(known.getFirst().standing()).isEqualTo(Standing.REFUSED);
            assertThat(known.getFirst().deaths()).hasSize(2);
        }
    }

    /** Many others are in flight where it kills: they are tried again and answered, and none is taken for it. */
    @Test
    void bystandersAreAnsweredAndNotBlamed() throws Exception {
        var answers = new ConcurrentLinkedQueue<String>();
        var stop = new AtomicBoolean();
        try (var fleet = fleet();
                var gateway = gateway(fleet);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                int number = i;
                threads.execute(() -> {
                    try (var client = gateway.client()) {
                        for (int j = 0; !stop.get(); j++) {
                            var answer = client.post(CHAT, body("bystander " + number + " " + j))
                                    .response();
                            answers.add(answer.status() == 200 ? "200" : answer.status() + " " + answer.text());
                        }
                    } catch (IOException | RuntimeException e) {
                        answers.add(e.toString());
                    }
                });
            }
            try {
                await().until(() -> answers.size() > 100);
                try (var client = gateway.client()) {
                    // While several may be the cause it may have to come again.
                    var statuses = new ArrayList<Integer>();
                    await().until(() -> {
                        statuses.add(
                                client.post(CHAT, body("arsenic")).response().status());
                        return statuses.getLast() == 422;
                    });
                }
                int soFar = answers.size();
                await().until(() -> answers.size() > soFar + 100);
            } finally {
                stop.set(true);
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(answers).containsOnly("200");
            assertThat(deaths(fleet)).isBetween(2L, 3L);
            assertThat(gateway.quarantine().list(100).stream().filter(known -> known.standing() == Standing.REFUSED))
                    .hasSize(1);
        }
    }

    /** Here the engines die inside the answer, so that it is the client who tries again. */
    @Test
    void deathsInsideAnswersCountAsWell() throws Exception {
        var engines = new AtomicReference<List<FakeEngine>>(List.of());
        FakeEngine.Script dies = call -> {
            call.beginStream();
            call.token("one");
            for (var engine : engines.get()) {
                if (("127.0.0.1:" + engine.port()).equals(call.request.field("host"))) {
                    engine.close();
                }
            }
        };
        try (var one = FakeEngine.start(dies);
                var two = FakeEngine.start(dies);
                var three = FakeEngine.start(call -> call.chat("never"));
                var gateway =
                        Gateway.start(Gateway.Options.DEFAULT.health(HEALTH), one.uri(), two.uri(), three.uri())) {
            engines.set(List.of(one, two));
            for (int deaths = 1; deaths <= 2; deaths++) {
                try (var client = gateway.client()) {
                    assertThatThrownBy(() -> client.chat(true).response()).isInstanceOf(IOException.class);
                }
                int expected = deaths;
                await().until(() -> gateway.quarantine().list(1).stream()
                        .anyMatch(known -> known.deaths().size() == expected));
            }
            try (var client = gateway.client()) {
                assertThat(client.chat(true).response().status()).isEqualTo(422);
            }
            assertThat(three.requests()).isEmpty();
        }
    }

    /** An engine whose worker has died goes on listening for a while, and clients send again what it answered 500 to. */
    @Test
    void anEndpointThatFailsRequestsAndThenItsCheckHasDied() throws IOException {
        FakeEngine.Script dying = call -> call.json(500, "{\"error\":{\"message\":\"EngineCore died\"}}");
        try (var one = FakeEngine.start(dying);
                var two = FakeEngine.start(dying);
                var three = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(one.uri(), two.uri(), three.uri());
                var client = gateway.client()) {
            for (int death = 0; death < 2; death++) {
                assertThat(client.chat(false).response().status()).isEqualTo(500);
                assertThat(gateway.quarantine()
                                .failedCheck(gateway.endpoint(death).name()))
                        .isEqualTo(1);
            }
            assertThat(client.chat(false).response().status()).isEqualTo(422);
            assertThat(three.requests()).isEmpty();
        }
    }

    @Test
    void anEndpointThatBreaksAConnectionAndLivesHasNotDied() throws IOException {
        try (var one = FakeEngine.start(FakeEngine.Call::reset);
                var two = FakeEngine.start(FakeEngine.Call::close);
                var gateway = Gateway.start(one.uri(), two.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(502);
            assertThat(gateway.quarantine().isEmpty()).isTrue();
        }
    }

    private static long hash(String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return BodyHash.of(CHAT, bytes, 0, bytes.length);
    }

    /** Makes two requests suspects: they were together on two endpoints that died. */
    private static void suspect(Quarantine quarantine, String one, String other) {
        for (String endpoint : List.of("died-1", "died-2")) {
            for (long hash : new long[] {hash(one), hash(other)}) {
                quarantine.comes(hash, endpoint);
            }
            for (long hash : new long[] {hash(one), hash(other)}) {
                quarantine.died(hash, "r", endpoint);
                quarantine.left(hash, endpoint);
            }
        }
        assertThat(quarantine.standing(hash(one))).isEqualTo(Standing.SUSPECT);
    }

    private static ProxySettings impatient(ProxySettings s) {
        return SettingsCopy.of(s, copy -> copy.connectTimeout = Duration.ofMillis(300));
    }

    @Test
    void aSuspectWaitsUntilItIsAloneSomewhere() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            suspect(gateway.quarantine(), body("one"), body("other"));
            String there = gateway.endpoint(0).name();
            gateway.quarantine().comes(hash(body("other")), there);
            client.post(CHAT, body("one"));
            await().until(() -> gateway.proxy().inFlight() == 1);
            assertThat(engine.requests()).isEmpty();
            gateway.quarantine().left(hash(body("other")), there);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(gateway.report(1).exposure()).isNull();
            assertThat(gateway.quarantine().standing(hash(body("one")))).isEqualTo(Standing.FREE);
            gateway.assertQuiet();
        }
    }

    @Test
    void oneThatIsAloneNowhereIsToldSoAfterAWhile() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(PoisonTest::impatient, engine.uri());
                var client = gateway.client()) {
            suspect(gateway.quarantine(), body("one"), body("other"));
            gateway.quarantine().comes(hash(body("other")), gateway.endpoint(0).name());
            var answer = client.post(CHAT, body("one")).response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("retry-after")).isNotNull();
            assertThat(gateway.report(1).exposure()).isEqualTo(Exposure.NOT_ALONE);
            assertThat(engine.requests()).isEmpty();
            gateway.assertQuiet();
        }
    }

    @Test
    void whoWasAtOneDeathOnlyIsAnsweredThoughThereAreSuspectsEverywhere() throws Exception {
        try (var bad = FakeEngine.start(FakeEngine.Call::reset);
                var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(bad.uri(), good.uri());
                var client = gateway.client()) {
            var quarantine = gateway.quarantine();
            suspect(quarantine, body("one"), body("other"));
            quarantine.comes(hash(body("other")), gateway.endpoint(1).name());
            quarantine.died(hash(body("innocent")), "r", "died-3");
            assertThat(client.post(CHAT, body("innocent")).response().status()).isEqualTo(200);
            assertThat(bad.requests()).hasSize(1);
        }
    }
}
