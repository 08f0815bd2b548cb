package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.proxy.ChaosClients.Ending;
import dev.warmgate.proxy.ChaosReasons.Reason;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.twin.fault.Fault;
import dev.warmgate.twin.fault.FaultPlan;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinReplica;
import dev.warmgate.twin.server.TwinSettings;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Eight simulated servers that fail in every way they know, and clients of which three in ten leave early: nothing is held
 * in the end, no answer looks whole that is not, and who gets an error met faults that the rules of retrying cannot mend.
 *
 * <p>{@code benchmarks/chaos/run N} runs it with more requests than the tests do.
 */
class ChaosTest {
    private static final int REQUESTS = Integer.getInteger("warmgate.chaos.requests", 1_000);
    private static final int CLIENTS = Integer.getInteger("warmgate.chaos.clients", 48);
    private static final int REPLICAS = 8;

    /** How likely a server dies of a request. */
    private static final String VANISH = System.getProperty("warmgate.chaos.vanish", "0.004");

    /** Longer than anything takes that goes well, on a loaded machine too: only what is meant to stall does. */
    private static final Duration STALL = Duration.ofSeconds(Integer.getInteger("warmgate.chaos.stallSeconds", 4));

    /** Longest wait for room in the gateway. */
    private static final Duration QUEUED = Duration.ofMinutes(1);

    /** What a client may have to wait for one byte: room, and a stall in each attempt. */
    private static final Duration PATIENCE = QUEUED.plus(STALL.multipliedBy(RetryRules.DEFAULT.most() + 2));

    /** Short ejections, so that the fleet is whole again soon after a server has vanished. */
    private static final HealthPolicy HEALTH =
            new HealthPolicy(3, 0.25, Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(500), 0.5);

    private static final String FAULTS = "reset-before=0.015,reset-mid=0.01,stall-before=0.002,stall-mid=0.002"
            + ",truncate=0.01,end-early=0.01,garbage-http=0.01,garbage-json=0.005,garbage-events=0.005"
            + ",status-500=0.005,status-503=0.015,vanish=" + VANISH + ",vanish-time=300ms,slam=0.02,slow-accept=0.02"
            + ",accept-delay=50ms,idle-close=0.05,stall-time=1000s,seed=";

    private final long seed = Long.getLong("warmgate.seed", System.nanoTime());

    private final ChaosReasons reasons = new ChaosReasons();

    private TwinFleet fleet(FaultPlan faults) throws Exception {
        var fleet = TwinFleet.start(TwinSettings.DEFAULTS
                .withReplicas(REPLICAS)
                .withModels(List.of("m"))
                .withSpeedUp(400)
                .withFaults(faults));
        reasons.watch(fleet);
        return fleet;
    }

    private static Quotas quotas() {
        return new Quotas(
                new InMemoryQuotaStore(System::nanoTime, InstantSource.system()),
                QuotaSpec.of(Map.of(
                        new QuotaScope.OfTenant("default"),
                        QuotaLimits.NONE
                                .with(QuotaKind.CONCURRENT_REQUESTS, 1_000)
                                .with(QuotaKind.TOKENS_PER_DAY, 1e12)
                                .with(QuotaKind.GPU_SECONDS_PER_DAY, 1e9))));
    }

    private static Gateway gateway(TwinFleet fleet, Quotas quotas) {
        // Little room, so that some requests wait for it; enough that none is refused.
        var admission = new AdmissionSettings(true, QUEUED, 10_000, 64 << 20, List.of(), 2);
        return Gateway.start(
                Gateway.Options.DEFAULT
                        .adjust(Gateway.timeouts(STALL, STALL, STALL))
                        .health(HEALTH)
                        .kvTokens(Math.max(1_500, CLIENTS * 16))
                        .admission(admission)
                        .access(new Access(new Tenancy(TenancySettings.DEFAULT), quotas, ModelRewrites.NONE)),
                fleet.replicas().stream().map(TwinReplica::url).toArray(URI[]::new));
    }

    @Test
    void whateverEnginesAndClientsDoNothingIsHeldAndEachErrorIsExplained() throws Exception {
        var quotas = quotas();
        var counts = new EnumMap<Ending, Integer>(Ending.class);
        var happened = new TreeMap<Fault, Long>();
        try (var fleet = fleet(FaultPlan.parse(FAULTS + seed))) {
            try (var gateway = gateway(fleet, quotas)) {
                // Of a million requests those that went well need not be kept.
                gateway.keepOnly(report -> reasons.ended(report, gateway.quarantine()));
                var clients = new ChaosClients(gateway.proxy().address(), seed, 0.3, PATIENCE);
                clients.run(CLIENTS, REQUESTS);
                gateway.assertQuiet();
                var reports = gateway.reportsById();
                counts.putAll(clients.counts());
                for (var end : clients.errors()) {
                    var report = reports.get(end.request());
                    assertThat(end.how())
                            .as("seed %d: %s was reported as %s", seed, end, report)
                            .isNotEqualTo(Ending.FALSE_END);
                    reasons.explain(end, report);
                }
                System.out.printf(
                        "chaos: seed %d, %s, errors by reason %s; %d retries, %d refused, %d quarantined%n",
                        seed,
                        counts,
                        reasons.counts(),
                        gateway.retries().size(),
                        gateway.proxy().retriesRefused(),
                        gateway.quarantine().found());
                assertThat(reasons.unexplained()).as("seed %d", seed).isEmpty();
                // The rules refuse further attempts as well, when a machine that pauses lets all requests fail at once.
                assertThat(reasons.count(Reason.RETRY_SHARE))
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo((int) gateway.proxy().retriesRefused());
                assertThat(gateway.proxy().retrying()).as("seed %d", seed).isZero();
            }
            for (var replica : fleet.replicas()) {
                replica.faultsHappened().forEach((fault, times) -> happened.merge(fault, times, Long::sum));
                await("connections, seed " + seed).until(() -> replica.stats().connections() == 0);
                var engine = replica.stats().engine();
                assertThat(engine.running() + engine.waiting())
                        .as("seed %d", seed)
                        .isZero();
            }
        }
        System.out.printf("chaos: %s%n", happened);
        assertThat(counts.get(Ending.WHOLE)).as("seed %d", seed).isGreaterThan(REQUESTS / 2);
        assertThat(happened.keySet()).as("seed %d", seed).hasSizeGreaterThan(10);
        for (var usage : quotas.usage()) {
            var state = usage.state();
            assertThat(state.held()).as("%s, seed %d", state.limit(), seed).isZero();
            assertThat(state.settledTotal() + state.refundedTotal())
                    .as("%s, seed %d", state.limit(), seed)
                    .isCloseTo(state.reservedTotal(), within(1e-6 * state.reservedTotal()));
        }
    }

    /** One of eight dies under load and comes back: only streams that it had begun are lost. */
    @Test
    void theDeathOfOneOfEightIsHardlyNoticed() throws Exception {
        int requests = Math.clamp(REQUESTS, 2_000, 20_000);
        try (var fleet = fleet(FaultPlan.NONE);
                var gateway = gateway(fleet, quotas())) {
            var clients = new ChaosClients(gateway.proxy().address(), seed, 0, PATIENCE);
            var killer = Thread.startVirtualThread(() -> {
                await().atMost(Duration.ofMinutes(10)).until(() -> clients.begun() > requests / 3);
                fleet.replica(3).kill();
            });
            clients.run(8, requests);
            killer.join();
            var errors = List.copyOf(clients.errors());
            System.out.printf("chaos: one of eight killed, %d requests, errors: %s%n", requests, errors);
            assertThat(errors)
                    .allSatisfy(end -> assertThat(end.how()).isEqualTo(Ending.BROKEN))
                    .allSatisfy(end ->
                            assertThat(reasons.anythingMet(end.request())).isTrue())
                    .hasSizeLessThanOrEqualTo(requests / 1_000);
            assertThat(gateway.retries()).isNotEmpty();
        }
    }
}
