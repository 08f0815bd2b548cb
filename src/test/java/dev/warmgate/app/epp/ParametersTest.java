package dev.warmgate.app.epp;

import static dev.warmgate.app.epp.Epp.good;
import static dev.warmgate.app.epp.Epp.parameterProblems;
import static dev.warmgate.app.epp.Epp.plugin;
import static dev.warmgate.app.epp.Epp.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.LabelSelector;
import dev.warmgate.router.profile.LabelSelector.Operator;
import dev.warmgate.router.profile.LabelSelector.Requirement;
import dev.warmgate.router.profile.Scorer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Parameters of plugins follow the rules of Go's JSON decoder, not those of the document around them. */
class ParametersTest {
    private static Scorer scorer(String type, String parameters) {
        return good(plugin(type, parameters))
                .chain()
                .profiles()
                .getFirst()
                .scorers()
                .getFirst()
                .scorer();
    }

    private static Filter filter(String type, String parameters) {
        return good(plugin(type, parameters))
                .chain()
                .profiles()
                .getFirst()
                .filters()
                .getFirst()
                .filter();
    }

    @Test
    void namesMatchInAnyCase() {
        assertThat(scorer("prefix-cache-scorer", "MATCHLENGTHWEIGHT: 0.5, matchlengthscaletokens: 10"))
                .isEqualTo(new Scorer.PrefixCache(0.5, 10));
    }

    @Test
    void ofSeveralTheLastCounts() {
        assertThat(scorer("load-aware-scorer", "threshold: 1, Threshold: 2")).isEqualTo(new Scorer.LoadAware(2));
        assertThat(scorer("load-aware-scorer", "threshold: 1, threshold: 3")).isEqualTo(new Scorer.LoadAware(3));
    }

    @Test
    void whatIsNotThereIsTheDefaultAndZeroIsNot() {
        assertThat(filter("prefix-cache-affinity-filter", "")).isEqualTo(Filter.PrefixAffinity.DEFAULT);
        assertThat(filter("prefix-cache-affinity-filter", "affinityThreshold: null"))
                .isEqualTo(Filter.PrefixAffinity.DEFAULT);
        assertThat(filter("prefix-cache-affinity-filter", "affinityThreshold: 0, maxTTFTPenaltyMs: 0"))
                .isEqualTo(new Filter.PrefixAffinity(0, 0, 0, 15_928));
        assertThat(good("plugins: [{type: load-aware-scorer, parameters: null}]")
                        .chain())
                .isEqualTo(good("plugins: [{type: load-aware-scorer}]").chain());
    }

    @Test
    void unknownOnesAreErrors() {
        assertThat(parameterProblems("load-aware-scorer", "treshold: 5"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.treshold: unknown parameter (did you mean threshold?)");
        assertThat(parameterProblems("random-picker", "colour: red"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.colour: unknown parameter (expected one of:"
                        + " maxNumOfEndpoints)");
        assertThat(parameterProblems("session-affinity-filter", "encodedEndpointHeaderConfig: {name: x}"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.encodedEndpointHeaderConfig.name: unknown parameter"
                        + " (expected one of: header)");
        assertThat(good(plugin("queue-scorer", "anything: goes")).plugins()).isNotEmpty();
    }

    @Test
    void wrongKindsAreErrors() {
        assertThat(parameterProblems("load-aware-scorer", "threshold: \"5\""))
                .containsExactly("epp.yaml:3: plugins[0].parameters.threshold: \"5\" (expected: a whole number below"
                        + " 2147483648)");
        assertThat(parameterProblems("by-label", "label: a, validValues: [1], allowsNoLabel: maybe"))
                .contains(
                        "epp.yaml:3: plugins[0].parameters.validValues: 1 (expected: a list of texts)",
                        "epp.yaml:3: plugins[0].parameters.allowsNoLabel: \"maybe\" (expected: true or false)");
        assertThat(Epp.problems("plugins: [{type: load-aware-scorer, parameters: [5]}]\n"))
                .containsExactly("epp.yaml:3: plugins[0].parameters: a list (expected: an object)");
    }

    @Test
    void wholeNumbersAreWrittenWithoutAPoint() {
        String json = "{\"apiVersion\": \"llm-d.ai/v1alpha1\", \"kind\": \"EndpointPickerConfig\", \"plugins\":"
                + " [{\"type\": \"load-aware-scorer\", \"parameters\": {\"threshold\": %s}}]}";
        for (String wrong : List.of("5.0", "5e0", "99999999999999999999", "4294967296")) {
            assertThat(Epp.wrong(json.formatted(wrong)))
                    .as(wrong)
                    .containsExactly("epp.yaml:1: plugins[0].parameters.threshold: " + wrong
                            + " (expected: a whole number below 2147483648)");
        }
        // YAML's floats become JSON's shortest form before anybody looks.
        assertThat(scorer("load-aware-scorer", "threshold: 5.0")).isEqualTo(new Scorer.LoadAware(5));
        assertThat(whole(json.formatted("7"))
                        .chain()
                        .profiles()
                        .getFirst()
                        .scorers()
                        .getFirst()
                        .scorer())
                .isEqualTo(new Scorer.LoadAware(7));
    }

    @Test
    void valuesOutOfRangeAreReportedWhereTheyAre() {
        assertThat(Epp.problems("""
                plugins:
                  - type: prefix-cache-scorer
                    parameters:
                      matchLengthScaleTokens: 100
                      matchLengthWeight: 1.5
                """))
                .containsExactly("epp.yaml:7: plugins[0].parameters.matchLengthWeight: 1.5 (expected: 0 to 1)");
        assertThat(Epp.problems("""
                plugins:
                  - type: utilization-filter
                    parameters:
                      conditions:
                        - {metric: kv-cache-utilization, maxValue: 80}
                        - {metric: waiting, maxValue: 5}
                """))
                .containsExactly(
                        "epp.yaml:7: plugins[0].parameters.conditions[0].maxValue: 80.0 (expected: 0 to 1)",
                        "epp.yaml:8: plugins[0].parameters.conditions[1].metric: \"waiting\" (expected: one of"
                                + " active-requests, running-requests, waiting-queue, kv-cache-utilization)");
    }

    @Test
    void labelSelectors() {
        assertThat(filter(
                        "label-selector-filter",
                        "matchLabels: {a: b}, matchExpressions: [{key: c, operator: NotIn, values: [d, e]},"
                                + " {key: f, operator: Exists}]"))
                .isEqualTo(new Filter.Labels(new LabelSelector(
                        Map.of("a", "b"),
                        List.of(
                                new Requirement("c", Operator.NOT_IN, Set.of("d", "e")),
                                new Requirement("f", Operator.EXISTS, Set.of())))));
        assertThat(filter("by-label-selector", ""))
                .isEqualTo(new Filter.Labels(new LabelSelector(Map.of(), List.of())));
        assertThat(parameterProblems(
                        "label-selector-filter",
                        "matchExpressions: [{key: a, operator: in}, {key: b, operator: In}, {operator: Exists}]"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].parameters.matchExpressions[0].operator: \"in\" (expected: one of In,"
                                + " NotIn, Exists, DoesNotExist)",
                        "epp.yaml:3: plugins[0].parameters.matchExpressions[1].values: [] (expected: at least one, for"
                                + " this operator)",
                        "epp.yaml:3: plugins[0].parameters.matchExpressions[2].key: missing (expected: a label)");
    }

    @Test
    void producersAreNamedByWhatTheyProduce() {
        assertThat(parameterProblems("prefix-cache-scorer", "prefixMatchInfoProducerName: approx-prefix-cache-producr"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.prefixMatchInfoProducerName:"
                        + " \"approx-prefix-cache-producr\" is not among plugins (did you mean"
                        + " approx-prefix-cache-producer?)");
        assertThat(Epp.problems("plugins: [{type: queue-scorer}, {type: prefix-cache-scorer, parameters:"
                        + " {prefixMatchInfoProducerName: queue-scorer}}]\n"))
                .singleElement()
                .asString()
                .contains("\"queue-scorer\" is of type queue-scorer (expected: one of approx-prefix-cache-producer,");
        assertThat(scorer("prefix-cache-scorer", "prefixMatchInfoProducerName: approx-prefix-cache-producer"))
                .isEqualTo(Scorer.PrefixCache.DEFAULT);
    }
}
