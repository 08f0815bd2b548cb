package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.profile.ApproximatePrefix;
import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.PluginChain;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.Scorer;
import dev.warmgate.router.profile.SessionAffinity;
import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.experiment.Offers;
import dev.warmgate.twin.report.Figures;
import dev.warmgate.twin.report.LatencyTarget;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The configurations that comparators stand for, as chains of plugins: they decide alike. */
class ChainContenderTest {
    private static final SimulationSettings FLEET = new SimulationSettings(
            Collections.nCopies(8, HardwareProfile.QWEN3_32B_TP2_H100),
            1,
            1,
            1,
            0,
            Double.POSITIVE_INFINITY,
            SimulationSettings.UNLIMITED,
            null,
            Map.of());

    private static final int REQUESTS = 1500;

    /** Shares are counted in blocks here and in tokens there: one choice that differs is enough for others to. */
    private static final Percentage NEAR = Percentage.withPercentage(20);

    private static final Percentage CLOSE = Percentage.withPercentage(2);

    /** What the comparators' approximate index holds of an endpoint: 31,250 blocks of 64 tokens. */
    private static final long INDEX_TOKENS = 31_250 * 64;

    private static ChainSpec chain(Scorer load) {
        var profile = new SchedulingProfile(
                "default",
                List.of(),
                List.of(
                        new Scorer.Weighted("load", load, 2),
                        new Scorer.Weighted("kv", new Scorer.KvCacheUtilization(), 2),
                        new Scorer.Weighted("prefix", Scorer.PrefixCache.DEFAULT, 3)),
                Picker.MAX_SCORE);
        return new ChainSpec(
                "epp:test",
                List.of(profile),
                new ProfileHandler.Single(),
                ApproximatePrefix.DEFAULT,
                InFlightLoad.DEFAULT);
    }

    private static Figures run(String workload, Contender contender) {
        var plan = Offers.named(workload, 1).plan(1).first(REQUESTS);
        return Figures.of(Plans.run(plan, FLEET, contender), LatencyTarget.INTERACTIVE);
    }

    private static void alike(String workload, Scorer load, String comparator) {
        var spec = chain(load);
        var chain = run(workload, new Contender("chain", INDEX_TOKENS, false, _ -> new PluginChain(spec)));
        var same = run(workload, Objects.requireNonNull(Contenders.named(comparator)));

        assertThat(chain.ttft().mean()).isCloseTo(same.ttft().mean(), NEAR);
        assertThat(chain.hitRatio()).isCloseTo(same.hitRatio(), CLOSE);
    }

    @Test
    void clientsNameTheirSessionsInTheHeaderThatAChainReads() {
        var strategy = new SessionAffinity.SessionId(
                List.of(new SessionAffinity.Header("x-session-id")), Duration.ofMinutes(5), Duration.ofSeconds(10));
        var profile = new SchedulingProfile(
                "default",
                Filter.numbered(new SessionAffinity(strategy, "")),
                List.of(),
                new Picker(Picker.Rule.RANDOM, 1));
        var spec = new ChainSpec("epp:test", List.of(profile), new ProfileHandler.Single(), null, InFlightLoad.DEFAULT);

        double sticky = run("coding", Contenders.chain("sticky", spec)).hitRatio();

        assertThat(sticky)
                .isGreaterThan(run("coding", Objects.requireNonNull(Contenders.named("random")))
                                .hitRatio()
                        + 0.1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"coding", "hotspot"})
    void theDefaultConfigurationDecidesAsItsComparator(String workload) {
        alike(workload, new Scorer.Queue(), "llm-d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"coding", "hotspot"})
    void withRequestsCountedHereAsWell(String workload) {
        alike(workload, Scorer.ActiveRequests.DEFAULT, "llm-d-inflight");
    }
}
