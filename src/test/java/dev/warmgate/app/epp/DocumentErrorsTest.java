package dev.warmgate.app.epp;

import static dev.warmgate.app.epp.Epp.HEAD;
import static dev.warmgate.app.epp.Epp.problems;
import static dev.warmgate.app.epp.Epp.wrong;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The document itself is read as strictly as Kubernetes reads it; users see file, line, path, value and what is allowed. */
class DocumentErrorsTest {
    private static final String SCORER = "plugins: [{type: queue-scorer}]\n";

    @Test
    void versionAndKindAreRequired() {
        assertThat(wrong("plugins: []\n"))
                .containsExactly(
                        "epp.yaml:1: apiVersion: missing (expected: llm-d.ai/v1alpha1)",
                        "epp.yaml:1: kind: missing (expected: EndpointPickerConfig)");
        assertThat(wrong("apiVersion: v1\nkind: ConfigMap\n"))
                .containsExactly(
                        "epp.yaml:1: apiVersion: \"v1\" (expected: llm-d.ai/v1alpha1)",
                        "epp.yaml:2: kind: \"ConfigMap\" (expected: EndpointPickerConfig)");
    }

    @Test
    void unknownFieldsAreErrorsAndCaseCounts() {
        assertThat(problems("pluginz: []\nSchedulingProfiles: []\n"))
                .containsExactly(
                        "epp.yaml:3: pluginz: unknown field (did you mean plugins?)",
                        "epp.yaml:4: SchedulingProfiles: unknown field (did you mean schedulingProfiles?)");
        assertThat(problems("plugins: [{type: queue-scorer, params: {}}]\n"))
                .containsExactly(
                        "epp.yaml:3: plugins[0].params: unknown field (expected one of: name, type," + " parameters)");
        assertThat(problems(SCORER + "schedulingProfiles: [{name: a, plugins: [{ref: queue-scorer}]}]\n"))
                .containsExactly(
                        "epp.yaml:4: schedulingProfiles[0].plugins[0].ref: unknown field (expected one of: pluginRef,"
                                + " weight)",
                        "epp.yaml:4: schedulingProfiles[0].plugins[0].pluginRef: missing (expected: the name of a"
                                + " plugin)");
    }

    @Test
    void aFieldTwiceIsAnError() {
        assertThat(problems("plugins: []\nplugins: []\n"))
                .containsExactly("epp.yaml:4: plugins: already set in line 3 (expected: each field once)");
        assertThat(wrong("{\"apiVersion\": \"llm-d.ai/v1alpha1\",\n\"kind\": \"EndpointPickerConfig\",\n"
                        + "\"kind\": \"EndpointPickerConfig\"}"))
                .containsExactly("epp.yaml:3: kind: already set in line 2 (expected: each field once)");
    }

    @Test
    void wrongKindsAreNamed() {
        assertThat(wrong("- a\n"))
                .singleElement()
                .asString()
                .startsWith("epp.yaml:1: a list (expected: an object with");
        assertThat(problems("plugins: {}\n"))
                .containsExactly(
                        "epp.yaml:3: plugins: an object (expected: a list of objects with name, type, parameters)");
        assertThat(problems("plugins: [queue-scorer]\n"))
                .contains("epp.yaml:3: plugins[0]: \"queue-scorer\" (expected: an object with name, type, parameters)");
        assertThat(problems("plugins: [{type: 5}]\n"))
                .containsExactly("epp.yaml:3: plugins[0].type: 5 (expected: a plugin type such as queue-scorer)");
        assertThat(problems(SCORER
                        + "schedulingProfiles: [{name: a, plugins: [{pluginRef: queue-scorer, weight: heavy}]}]\n"))
                .containsExactly("epp.yaml:4: schedulingProfiles[0].plugins[0].weight: \"heavy\" (expected: a number)");
    }

    @Test
    void whatIsNeitherYamlNorJsonIsReportedWithItsLine() {
        assertThat(wrong("")).containsExactly("epp.yaml:1: empty (expected: kind: EndpointPickerConfig)");
        assertThat(wrong("# nothing\n")).containsExactly("epp.yaml:1: empty (expected: kind: EndpointPickerConfig)");
        assertThat(problems("plugins:\n\t- type: a\n"))
                .singleElement()
                .asString()
                .startsWith("epp.yaml:4: not valid YAML: ");
        assertThat(wrong("{\"kind\": \"EndpointPickerConfig\",\n\"plugins\": [}\n"))
                .singleElement()
                .asString()
                .startsWith("epp.yaml:2: not valid YAML or JSON: ");
        assertThat(wrong(HEAD + "---\n" + HEAD))
                .containsExactly("epp.yaml:3: a second document begins here (expected: one document)");
    }

    @Test
    void pluginsHaveTypesThatAreKnownAndNamesOfTheirOwn() {
        assertThat(problems("""
                plugins:
                  - name: nameless
                  - type: queue-scorrer
                  - type: colour
                  - {name: a, type: queue-scorer}
                  - {name: a, type: load-aware-scorer}
                """))
                .containsExactly(
                        "epp.yaml:4: plugins[0].type: missing (expected: a plugin type such as queue-scorer)",
                        "epp.yaml:5: plugins[1].type: \"queue-scorrer\" is not known (did you mean queue-scorer?)",
                        "epp.yaml:6: plugins[2].type: \"colour\" is not known (expected: a type that"
                                + " docs/endpoint-picker-config.md lists)",
                        "epp.yaml:8: plugins[4].name: \"a\" is also plugins[3] (expected: a unique name)");
        assertThat(problems("plugins: [{type: queue-scorer}, {type: queue-scorer}]\n"))
                .containsExactly(
                        "epp.yaml:3: plugins[1].type: \"queue-scorer\" is also plugins[0] (expected: a unique name)");
    }

    @Test
    void referencesNameAPlugin() {
        assertThat(problems(SCORER + "schedulingProfiles: [{name: a, plugins: [{pluginRef: queue}]}]\n"))
                .containsExactly(
                        "epp.yaml:4: schedulingProfiles[0].plugins[0].pluginRef: \"queue\" is not among plugins"
                                + " (did you mean queue-scorer?)");
        assertThat(problems(
                        SCORER + "requestHandler: {parsers: [{pluginRef: queue-scorer}, {pluginRef: grpc-parser}]}\n"))
                .hasSize(2)
                .first()
                .isEqualTo("epp.yaml:4: requestHandler.parsers[0].pluginRef: \"queue-scorer\" is of type queue-scorer"
                        + " (expected: a parser)");
        assertThat(problems(SCORER + "saturationDetector: {pluginRef: queue-scorer}\n"))
                .containsExactly("epp.yaml:4: saturationDetector.pluginRef: \"queue-scorer\" is of type queue-scorer"
                        + " (expected: a saturation detector)");
    }

    @Test
    void profilesHaveNamesOfTheirOwnAndOnePicker() {
        assertThat(problems("""
                plugins: [{type: random-picker}, {type: max-score-picker}, {type: header-profile-handler}]
                schedulingProfiles:
                  - {plugins: []}
                  - {name: a}
                  - {name: a}
                  - name: b
                    plugins: [{pluginRef: random-picker}, {pluginRef: max-score-picker}]
                """))
                .containsExactly(
                        "epp.yaml:5: schedulingProfiles[0].name: missing (expected: a unique name)",
                        "epp.yaml:7: schedulingProfiles[2].name: \"a\" is also schedulingProfiles[1] (expected: a unique"
                                + " name)",
                        "epp.yaml:9: schedulingProfiles[3].plugins[1].pluginRef: \"max-score-picker\" is a second picker"
                                + " beside random-picker (expected: one in a profile)");
    }

    @Test
    void exactlyOneProfileHandlerFitsTheProfiles() {
        assertThat(problems("schedulingProfiles:\n  - {name: a}\n  - {name: b}\n"))
                .containsExactly("epp.yaml:5: schedulingProfiles: 2 profiles and no profile handler (expected: one"
                        + " profile, or a plugin that is one, such as header-profile-handler)");
        assertThat(problems("""
                        plugins: [{type: single-profile-handler}]
                        schedulingProfiles:
                          - {name: a}
                          - {name: b}
                        """))
                .containsExactly("epp.yaml:6: schedulingProfiles[1]: a second profile (expected: one, with"
                        + " single-profile-handler)");
        assertThat(problems("plugins:\n  - type: single-profile-handler\n  - type: header-profile-handler\n"))
                .containsExactly("epp.yaml:5: plugins[1].type: \"header-profile-handler\" is a second profile handler"
                        + " beside plugins[0] (expected: exactly one)");
    }

    @Test
    void gatesAreNamesWithOrWithoutAWord() {
        assertThat(problems("featureGates: [flowcontrol, flowControl=maybe, 5]\n"))
                .containsExactly(
                        "epp.yaml:3: featureGates[0]: \"flowcontrol\" (expected: flowControl or"
                                + " haPopulateNonLeaderDatastore, alone or with =true or =false)",
                        "epp.yaml:3: featureGates[1]: \"flowControl=maybe\" (expected: flowControl or"
                                + " haPopulateNonLeaderDatastore, alone or with =true or =false)",
                        "epp.yaml:3: featureGates[2]: 5 (expected: flowControl or haPopulateNonLeaderDatastore, alone or"
                                + " with =true or =false)");
        assertThat(Epp.good("featureGates: [\"flowControl= T \"]\n").admission())
                .isNotNull();
        assertThat(Epp.good("featureGates: [flowControl, flowControl=0]\n").admission())
                .isNull();
    }

    @Test
    void oneProducerOfAKindIsEnough() {
        assertThat(problems("""
                        plugins:
                          - type: approx-prefix-cache-producer
                          - {name: other, type: approx-prefix-cache-producer}
                        """))
                .containsExactly("epp.yaml:5: plugins[1].type: a second approx-prefix-cache-producer beside"
                        + " approx-prefix-cache-producer (expected: one)");
    }
}
