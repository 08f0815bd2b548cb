package dev.warmgate.app.epp;

import static dev.warmgate.app.epp.Epp.good;
import static dev.warmgate.app.epp.Epp.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Flow control becomes admission where its gate is on. */
class FlowControlTest {
    private static final String ON = "featureGates: [flowControl]\n";
    private static final long GB = 1_000_000_000;

    @Test
    void bandsAndLimits() {
        var config = Epp.whole(Epp.sample("flow-control"));
        var wait = Duration.ofSeconds(30);
        assertThat(config.admission())
                .isEqualTo(new AdmissionSettings(
                        true,
                        wait,
                        100_000,
                        1L << 30,
                        List.of(
                                new BandSettings(10, 0, 1_000, GB, wait),
                                new BandSettings(-1, 0, 50, GB, wait),
                                new BandSettings(0, 0, 5_000, GB, wait)),
                        100_000));
        assertThat(config.maxInFlight()).isEqualTo(64);
        assertThat(Epp.row(config, "concurrency-detector").becomes()).isEqualTo("filter, limit of requests in flight");
        assertThat(config.warnings())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("flowControl.noEndpointRequestTTL: does not count");
    }

    @Test
    void withoutTheGateNothingIsInForceAndThatIsSaid() {
        var config = good("flowControl: {maxRequests: 5}\n");
        assertThat(config.admission()).isNull();
        assertThat(config.maxInFlight()).isNull();
        assertThat(config.warnings())
                .containsExactly(
                        "flowControl: not in force, as in the reference: featureGates does not name flowControl");
    }

    @Test
    void theGateAloneMeansTheDefaults() {
        var config = good(ON);
        assertThat(config.admission())
                .isEqualTo(new AdmissionSettings(
                        true,
                        Duration.ofSeconds(60),
                        100_000,
                        1L << 30,
                        List.of(new BandSettings(0, 0, 5_000, GB, Duration.ofSeconds(60))),
                        100_000));
        assertThat(config.maxInFlight()).isNull();
    }

    @Test
    void quantitiesAndTemplates() {
        var admission = good(ON + """
                flowControl:
                  maxBytes: 2Gi
                  maxRequests: 0
                  defaultRequestTTL: 0s
                  defaultPriorityBand: {maxRequests: 7, maxBytes: 0}
                """).admission();
        assertThat(admission).isNotNull();
        assertThat(admission.maxBytes()).isEqualTo(2L << 30);
        assertThat(admission.maxRequests()).isEqualTo(100_000);
        assertThat(admission.maxWait()).isEqualTo(Duration.ofHours(24));
        assertThat(admission.bands()).containsExactly(new BandSettings(0, 0, 7, GB, Duration.ofHours(24)));
    }

    @Test
    void mistakesAreReportedWhereTheyAre() {
        assertThat(problems(ON + """
                flowControl:
                  maxBytes: lots
                  maxRequests: -1
                  defaultRequestTTL: 30
                  noEndpointRequestTTL: -5s
                  enableEviction: true
                  usageLimitPolicyPluginRef: fcfs-ordering-policy
                  priorityBands:
                    - {priority: 1, fairnessPolicyRef: nobody}
                    - {priority: 1}
                    - {priority: 5000}
                """))
                .containsExactly(
                        "epp.yaml:5: flowControl.maxBytes: \"lots\" (expected: a quantity of at least 0 such as 5000, 1k,"
                                + " 500M or 1Gi)",
                        "epp.yaml:6: flowControl.maxRequests: -1 (expected: a quantity of at least 0 such as 5000, 1k,"
                                + " 500M or 1Gi)",
                        "epp.yaml:7: flowControl.defaultRequestTTL: 30 (expected: a duration such as 300ms, 1.5h or"
                                + " 1m30s)",
                        "epp.yaml:8: flowControl.noEndpointRequestTTL: -5s (expected: at least 0s)",
                        "epp.yaml:9: flowControl.enableEviction: true is not supported (expected: false; a request that"
                                + " runs is ended only by its deadline, objectives[].deadline)",
                        "epp.yaml:10: flowControl.usageLimitPolicyPluginRef: \"fcfs-ordering-policy\" is of type"
                                + " fcfs-ordering-policy (expected: a usage limit policy)",
                        "epp.yaml:12: flowControl.priorityBands[0].fairnessPolicyRef: \"nobody\" is not among plugins"
                                + " (expected: plugins: [{type: …}])",
                        "epp.yaml:13: flowControl.priorityBands[1].priority: 1 is also flowControl.priorityBands[0]"
                                + " (expected: each priority once)",
                        "epp.yaml:14: flowControl.priorityBands[2].priority: 5000 (expected: a whole number from -1000 to"
                                + " 1000)");
    }

    @Test
    void policiesThatHoldBackAreRefused() {
        assertThat(problems("plugins: [{type: soft-reflective-ceiling-policy}]\n"))
                .containsExactly("epp.yaml:3: plugins[0].type: \"soft-reflective-ceiling-policy\" is not supported"
                        + " (nearest: admission.bands[].minShare: a share of the work that a band is sure of)");
        assertThat(Epp.parameterProblems("static-usage-limit-policy", "threshold: 0.8"))
                .containsExactly("epp.yaml:3: plugins[0].parameters.threshold: 0.8 (expected: 1: what has to stay free"
                        + " for others is admission.bands[].minShare)");
    }

    @Test
    void agentsAreToldApartOtherwise() {
        assertThat(good("plugins: [{type: agent-identity}]\n").plugins()).isNotEmpty();
        assertThat(problems(ON + "plugins: [{type: agent-identity}]\n"))
                .containsExactly("epp.yaml:4: plugins[0].type: \"agent-identity\" is not supported where flowControl is"
                        + " on (nearest: tenants[].fairnessIds, with x-llm-d-inference-fairness-id)");
    }
}
