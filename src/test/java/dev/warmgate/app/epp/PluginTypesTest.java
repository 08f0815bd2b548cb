package dev.warmgate.app.epp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import dev.warmgate.app.epp.PluginType.Fate;
import dev.warmgate.router.profile.CoreMetric;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.Scorer;
import dev.warmgate.router.profile.SessionAffinity;
import dev.warmgate.router.profile.UtilizationDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type that the reference knows has a fate, the documentation tells it, and what takes part is made. */
class PluginTypesTest {
    private static final Map<String, String> NEEDED = Map.of(
            "by-label", "label: a, validValues: [b]",
            "endpoint-attribute-filter",
                    "attribute: w, algorithm: {type: threshold, threshold: {operator: LessThan, value: 5}}",
            "endpoint-attribute-scorer",
                    "attributeKey: w, algorithm: {type: linear_higher_is_better, normalization: {adaptiveRange: {}}}",
            "utilization-filter", "conditions: [{metric: running-requests, maxValue: 5}]",
            "header-label-affinity-scorer", "headerName: x-a, labelKey: a",
            "session-id-producer", "headerName: x-session");

    private static final String METRICS = "{type: core-metrics-extractor, parameters: {engineConfigs: [{name: vllm,"
            + " customMetrics: [{attributeKey: w, metricSpec: 'vllm:num_requests_waiting'}]}]}}";

    private static List<PluginType> all() {
        return List.copyOf(PluginTypes.all());
    }

    private static String file(String type, String parameters) {
        return Epp.HEAD + "plugins: [" + (type.equals("core-metrics-extractor") ? "" : METRICS + ", ") + "{type: "
                + type + ", parameters: {" + parameters + "}}]\n";
    }

    @ParameterizedTest
    @MethodSource("all")
    void eachIsTakenOrRefusedWithItsLine(PluginType type) {
        var result = EndpointPickerConfigs.parse("epp.yaml", file(type.name(), NEEDED.getOrDefault(type.name(), "")));
        switch (type.fate()) {
            case Fate.Takes() -> assertThat(result).isInstanceOf(Result.Good.class);
            case Fate.Idle(String why) ->
                assertThat(result)
                        .isInstanceOfSatisfying(
                                Result.Good.class,
                                good -> assertThat(Epp.row(good.config(), type.name())
                                                .notes())
                                        .contains(why));
            case Fate.Refused(String instead) ->
                assertThat(result)
                        .isInstanceOfSatisfying(
                                Result.Bad.class,
                                bad -> assertThat(bad.problems())
                                        .contains("epp.yaml:3: plugins[1].type: \"" + type.name()
                                                + "\" is not supported (nearest: " + instead + ")"));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void theDocumentationTellsEachFate(PluginType type) throws Exception {
        var page = Files.readString(Path.of("docs/endpoint-picker-config.md"));
        int refused = page.indexOf("## What is refused");
        int at = page.indexOf("`" + type.name() + "`");
        assertThat(at).as(type.name()).isPositive();
        String where = "`" + type.name() + "`";
        boolean before = page.substring(0, refused).contains(where);
        boolean after = page.substring(refused).contains(where);
        assertThat(type.fate() instanceof Fate.Refused ? after : before)
                .as(type.name())
                .isTrue();
    }

    @Test
    void alphaIsToldAndNeedsNoFlag() {
        assertThat(Epp.row(Epp.good(Epp.plugin("session-affinity-scorer", "")), "session-affinity-scorer")
                        .notes())
                .containsExactly(
                        "Alpha in the reference, which refuses it without --allow-experimental-plugins; no flag"
                                + " is needed here");
    }

    @Test
    void parametersReachThePlugins() throws Exception {
        var config = Epp.whole(Files.readString(Path.of("src/test/resources/fuzz/epp/everything")));
        var profile = config.chain().profiles().getFirst();
        assertThat(profile.filters())
                .extracting(Filter.Named::filter)
                .contains(
                        new SessionAffinity(
                                new SessionAffinity.SessionId(
                                        List.of(new SessionAffinity.Cookie("sid"), new SessionAffinity.Header("x-s")),
                                        Duration.ofSeconds(60),
                                        Duration.ofSeconds(10)),
                                ""),
                        new Filter.Attribute(CoreMetric.WAITING, Filter.Comparison.LESS_THAN, 5, false, false),
                        new Filter.Utilization(
                                List.of(new Filter.Condition(Filter.LoadMetric.ACTIVE_REQUESTS, 8)), true),
                        new UtilizationDetector(5, 0.8, Duration.ofMillis(2_500), 0.2));
        assertThat(profile.scorers()).extracting(Scorer.Weighted::weight).containsExactly(2.0, -0.5, 1.0);
        assertThat(profile.scorers().getLast().scorer())
                .isEqualTo(new Scorer.Attribute(CoreMetric.WAITING, false, new Scorer.Range.Fixed(0, 100)));
        assertThat(profile.picker()).isEqualTo(new Picker(Picker.Rule.WEIGHTED_RANDOM, 3));
        assertThat(config.chain().load()).isEqualTo(new InFlightLoad(true, 1.5, 256));
    }

    @Test
    void whatNeedsMoreSaysWhat() {
        assertThat(Epp.parameterProblems("session-id-producer", ""))
                .containsExactly("epp.yaml:3: plugins[0].parameters.headerName: missing (expected: either headerName or"
                        + " cookieName)");
        assertThat(Epp.parameterProblems("session-affinity-filter", "strategy: session_id"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.sessionIdConfig.sources: missing (expected: at least"
                                + " one of {header: …} or {attribute: …, producer: …})");
        assertThat(Epp.parameterProblems("by-label", "label: a"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.validValues: [] (expected: some, or allowsNoLabel:"
                        + " true)");
        assertThat(Epp.parameterProblems("endpoint-attribute-scorer", "attributeKey: nobody"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.attributeKey: \"nobody\" (expected: the attributeKey"
                                + " of one of core-metrics-extractor's customMetrics)");
        assertThat(Epp.parameterProblems("prefix-cache-affinity-filter", "ttftSource: latencyPredictor"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.ttftSource: \"latencyPredictor\" is not supported"
                        + " (expected: prefillThroughput; or pools[].policy: warm, which predicts times to the first token"
                        + " itself)");
        assertThat(Epp.parameterProblems("metrics-data-source", "port: 9100, path: /stats"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.path: \"/stats\" (expected: /metrics)",
                        "epp.yaml:3: plugins[0].parameters.port: 9100 (expected: none: metrics are read where requests"
                                + " go)");
        assertThat(Epp.parameterProblems("approx-prefix-cache-producer", "autoTune: false, blockSizeTokens: 0"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.blockSizeTokens: 0 (expected: above 0, where autoTune"
                                + " is false)");
    }
}
