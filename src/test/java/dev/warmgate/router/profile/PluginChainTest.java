package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static dev.warmgate.router.profile.Bench.scorer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.Role;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PluginChainTest {
    private static final InferenceRequest ANY = request(PromptBlocks.EMPTY);
    private static final Filter ONLY_GOLD = new Filter.Label("tier", Set.of("gold"), false);
    private static final List<Map<String, String>> GOLD_AND_NOT = List.of(Map.of("tier", "gold"), Map.of());

    private static Bench header(String otherwise) {
        var gold = new SchedulingProfile("gold", Filter.numbered(ONLY_GOLD), List.of(), Picker.MAX_SCORE);
        var tin = new SchedulingProfile(
                "tin",
                List.of(new Filter.Named("no-gold", new Filter.Label("tier", Set.of(), true))),
                List.of(),
                Picker.MAX_SCORE);
        var handler = new ProfileHandler.ByHeader("EPP-Profile", otherwise);
        return new Bench(new ChainSpec("c", List.of(gold, tin), handler, null, InFlightLoad.DEFAULT), GOLD_AND_NOT);
    }

    private static Bench nobody() {
        return Bench.of(2, Filter.numbered(ONLY_GOLD));
    }

    @Test
    void aFilterThatLeavesNobodyRefusesTheRequestAndNothingIsBooked() {
        var bench = nobody();

        for (var result :
                List.of(bench.route(ANY), bench.router.admit(ANY, _ -> {}), bench.router.routeByLoad(Set.of()))) {
            assertThat(result)
                    .isEqualTo(new RouteResult.Refused(
                            RefusalReason.FILTERED,
                            "The filter filter-0 of the routing policy leaves no endpoint.",
                            Duration.ofSeconds(1)));
        }
        assertThat(bench.pool.openReservations()).isZero();
        assertThat(bench.endpoint(0).inFlight() + bench.endpoint(1).inFlight()).isZero();
    }

    @Test
    void theHeaderNamesTheProfile() {
        var bench = header("gold");

        assertThat(bench.router.hints()).containsExactly("epp-profile");
        assertThat(bench.left(request(Map.of("epp-profile", "tin")))).containsExactly("e1");
        assertThat(bench.left(request(Map.of("epp-profile", "gold")))).containsExactly("e0");
        assertThat(bench.left(ANY)).containsExactly("e0");
        assertThat(bench.left(request(Map.of("epp-profile", "lead")))).isEmpty();
        assertThat(header("lead").left(ANY)).isEmpty();
    }

    @Test
    void oneProfileNeedsNoHeader() {
        var profile = new SchedulingProfile("p", List.of(), List.of(), Picker.MAX_SCORE);
        var spec = new ChainSpec("c", List.of(profile), ProfileHandler.ByHeader.DEFAULT, null, InFlightLoad.DEFAULT);
        var bench = new Bench(spec, Bench.unlabelled(1));

        assertThat(bench.router.hints()).isEmpty();
        assertThat(bench.left(request(Map.of("epp-profile", "lead")))).containsExactly("e0");
    }

    @Test
    void weightsAreNotMadeToAddUpAndScoresAreKeptBetweenNoneAndOne() {
        var bench = Bench.of(
                1,
                List.of(),
                new Scorer.Weighted("queue", new Scorer.Queue(), 2.5),
                new Scorer.Weighted("active", Scorer.ActiveRequests.DEFAULT, 4),
                new Scorer.Weighted("kv", new Scorer.KvCacheUtilization(), -1));
        bench.load(0, 0, 0, 1.5);

        assertThat(bench.totals(ANY).get("e0")).isEqualTo(6.5);
    }

    @Test
    void equalsAreDrawnEvenly() {
        var bench = Bench.of(4, List.of());
        var counts = new HashMap<String, Integer>();
        for (int n = 0; n < 4000; n++) {
            counts.merge(bench.send(ANY).endpoint().name(), 1, Integer::sum);
        }

        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(900, 1100));
    }

    @Test
    void whatIsLeftOutAndByWhomIsExplained() {
        var bench = new Bench(
                Bench.chain(Filter.numbered(ONLY_GOLD), scorer("queue", new Scorer.Queue())),
                List.of(Map.of("tier", "gold"), Map.of(), Map.of(), Map.of("tier", "gold")));
        bench.load(3, 0, 5, 0);

        var explanation = bench.explain(ANY);

        assertThat(explanation.reason())
                .isEqualTo("e0 has the highest score, 1.000 (queue 1.000); e3 has 0.000; left out: 2 by filter-0");
        assertThat(explanation.candidates()).extracting(c -> c.endpoint()).containsExactly("e0", "e3", "e1", "e2");
    }

    @Test
    void filtersLookBeforeSlowStartersAreThinnedOut() {
        var bench = new Bench(Bench.chain(Filter.numbered(ONLY_GOLD)), List.of(Map.of(), Map.of()));
        var specs = new ArrayList<>(
                bench.pool.endpoints().stream().map(e -> e.spec()).toList());
        specs.add(new EndpointSpec("new", URI.create("http://10.0.0.9:8000"), 1, Role.BOTH, Map.of("tier", "gold")));
        bench.pool.reconfigure(
                new PoolSpec(
                        "pool",
                        specs,
                        Set.of("m"),
                        HealthPolicy.DEFAULT,
                        PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                        PoolSpec.DEFAULT_INDEX_BYTES),
                AdmissionSettings.DEFAULT,
                bench.chain);

        for (int n = 0; n < 20; n++) {
            assertThat(bench.send(ANY).endpoint().name()).isEqualTo("new");
        }
    }

    @Test
    void anotherChainTakesOverAndAnEqualOneDoesNot() {
        var bench = Bench.of(
                2,
                Filter.numbered(new SessionAffinity(
                        new SessionAffinity.SessionId(
                                List.of(new SessionAffinity.Header("x-session-id")),
                                Duration.ofSeconds(300),
                                Duration.ofSeconds(10)),
                        "")));
        var equal = new PluginChain(bench.chain.spec());
        var other = new PluginChain(Bench.chain(Picker.MAX_SCORE, Filter.numbered(ONLY_GOLD)));
        var spec = new PoolSpec(
                "pool",
                bench.pool.endpoints().stream().map(e -> e.spec()).toList(),
                Set.of("m"),
                HealthPolicy.DEFAULT,
                PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                PoolSpec.DEFAULT_INDEX_BYTES);

        bench.pool.reconfigure(spec, AdmissionSettings.DEFAULT, equal);
        assertThat(bench.pool.policy()).isSameAs(bench.chain);
        var open = bench.send(ANY);
        bench.pool.reconfigure(spec, AdmissionSettings.DEFAULT, other);
        assertThat(bench.pool.policy()).isSameAs(other);
        assertThat(bench.left(ANY)).isEmpty();
        assertThat(open.settle(Usage.UNKNOWN)).isTrue();
        assertThat(bench.pool.openReservations()).isZero();
    }

    @Test
    void oneThatIsNotUnderstoodIsFilteredToo() {
        var bench = new Bench(Bench.chain(Filter.numbered(ONLY_GOLD)), GOLD_AND_NOT);

        for (int n = 0; n < 10; n++) {
            var routed = (RouteResult.Routed) bench.router.routeByLoad(Set.of());
            assertThat(routed.reservation().endpoint().name()).isEqualTo("e0");
        }
    }
}
