package dev.warmgate.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.BandSettings;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.Objective;
import dev.warmgate.router.tenancy.Rule;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import dev.warmgate.router.tenancy.Tenant;
import dev.warmgate.router.tenancy.TextPattern;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tenants, objectives, rules and admission in the file. */
class TenancyConfigTest {
    private static final String POOL = "pools: [{endpoints: [http://127.0.0.1:8001]}]\n";
    private static final String KEY = "sk-fraud-0123456789";
    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    private static final ConfigLoader LOADER = new ConfigLoader(Map.of("FRAUD_KEY", KEY, "SHORT", "hunter2"));

    private static GatewayConfig parse(String yaml) throws ConfigException {
        return LOADER.parse("gateway.yaml", POOL + yaml, Overrides.NONE);
    }

    /** Returns what is wrong; the first line of {@code yaml} is line 2. */
    private static List<String> problems(String yaml) {
        var thrown = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        assertThat(thrown).as("a ConfigException").isNotNull();
        return thrown.problems();
    }

    private static TextPattern pattern(String written) {
        return requireNonNull(TextPattern.parse(written));
    }

    private static ApiKey key(String written) {
        return requireNonNull(ApiKey.parse(written));
    }

    @Test
    void everyKeyOfTenancyIsRead() throws Exception {
        var config = parse("""
                tenants:
                  - name: fraud
                    keys: ["${FRAUD_KEY}", "%s"]
                    weight: 2.5
                    maxPriority: 200
                    objective: now
                    models: [qwen3-*, tiny]
                    fairnessIds: true
                    bodyPriority: true
                  - {name: default, maxPriority: -5}
                objectives:
                  - {name: now, priority: 100, ttft: 250ms, tpot: 20ms, deadline: 5s}
                  - {name: batch, priority: -10}
                  - {name: usual}
                rules:
                  - {path: /v1/embeddings, priority: -1}
                  - {model: judge-*, header: X-App, value: eval*, objective: batch}
                serviceTiers: {flex: batch, priority: now}
                unknownObjective: reject
                requireKey: false
                """.formatted(DIGEST));
        assertThat(config.tenancy())
                .isEqualTo(new TenancySettings(
                        List.of(
                                new Tenant(
                                        "fraud",
                                        2.5,
                                        200,
                                        "now",
                                        Set.of(key(KEY), key(DIGEST)),
                                        List.of(pattern("qwen3-*"), pattern("tiny")),
                                        true,
                                        true),
                                new Tenant("default", 1, -5, null, Set.of(), List.of(), false, false)),
                        List.of(
                                new Objective(
                                        "now",
                                        100,
                                        Duration.ofMillis(250),
                                        Duration.ofMillis(20),
                                        Duration.ofSeconds(5)),
                                Objective.of("batch", -10),
                                Objective.of("usual", 0)),
                        List.of(
                                new Rule(null, pattern("/v1/embeddings"), null, null, null, -1),
                                new Rule(pattern("judge-*"), null, "x-app", pattern("eval*"), "batch", null)),
                        Map.of("flex", "batch", "priority", "now"),
                        UnknownObjective.REJECT,
                        false));
        assertThat(config.toString()).doesNotContain(KEY, "abab");
    }

    @Test
    void theGrantFollowsTheObjectiveAndKeysAreRequiredOnceThereAreAny() throws Exception {
        var tenancy = parse("""
                tenants:
                  - {name: a, keys: ["%s"], objective: now}
                  - {name: default, objective: batch}
                objectives: [{name: now, priority: 100}, {name: batch, priority: -10}]
                """.formatted(DIGEST)).tenancy();
        assertThat(tenancy.tenants()).extracting(Tenant::maxPriority).containsExactly(100, 0);
        assertThat(tenancy.requireKey()).isTrue();
        assertThat(parse("tenants: [{name: default}]").tenancy().requireKey()).isFalse();
        assertThat(parse("tenants: []\nobjectives: []\nrules: []\nserviceTiers: {}\n")
                        .tenancy())
                .isEqualTo(TenancySettings.DEFAULT);
    }

    @Test
    void everyKeyOfAdmissionIsRead() throws Exception {
        var config = parse("""
                admission:
                  enabled: false
                  maxWait: 30s
                  maxRequests: 500
                  maxBytes: 10MiB
                  maxRequestsPerFlow: 50
                  bands:
                    - {priority: 100, minShare: 0.9, maxRequests: 5, maxBytes: 1KiB, maxWait: 1s}
                    - {priority: -10, minShare: 0.1}
                """);
        assertThat(config.admission())
                .isEqualTo(new AdmissionSettings(
                        false,
                        Duration.ofSeconds(30),
                        500,
                        10 << 20,
                        List.of(
                                new BandSettings(100, 0.9, 5, 1024, Duration.ofSeconds(1)),
                                new BandSettings(-10, 0.1, 500, 10 << 20, Duration.ofSeconds(30))),
                        50));
    }

    @Test
    void namesThatAreNoObjectivesAreReportedWhereTheyAreUsed() {
        assertThat(problems("""
                objectives:
                  - {name: fraud, priority: 100}
                  - {name: batch}
                tenants:
                  - name: default
                    objective: frauds
                rules:
                  - model: m
                    objective: quick
                serviceTiers:
                  flex: bach
                """))
                .containsExactly(
                        "gateway.yaml:7: tenants[0].objective: \"frauds\" is no objective (did you mean fraud?)",
                        "gateway.yaml:10: rules[0].objective: \"quick\" is no objective (expected one of: fraud, batch)",
                        "gateway.yaml:12: serviceTiers.flex: \"bach\" is no objective (did you mean batch?)");
        assertThat(problems("serviceTiers: {flex: batch}"))
                .containsExactly(
                        "gateway.yaml:2: serviceTiers.flex: \"batch\" is no objective (expected: the name of an"
                                + " objective; there are none under objectives)");
    }

    @Test
    void namesAndKeysAreUniqueAndRequired() {
        assertThat(problems("""
                objectives:
                  - {name: a}
                  - {name: a}
                  - {priority: 1}
                tenants:
                  - {name: t, keys: ["%s"]}
                  - name: t
                    keys:
                      - "${FRAUD_KEY}"
                      - "%s"
                  - {keys: ["another-key-of-somebody"]}
                  - {name: u}
                  - {name: v, keys: []}
                """.formatted(DIGEST, DIGEST)))
                .containsExactly(
                        "gateway.yaml:4: objectives[1].name: \"a\" is also objectives[0].name (expected: a unique name)",
                        "gateway.yaml:5: objectives[2].name: missing (expected: 1 to 100 letters, digits or signs among ."
                                + " _ : -)",
                        "gateway.yaml:8: tenants[1].name: \"t\" is also tenants[0].name (expected: a unique name)",
                        "gateway.yaml:11: tenants[1].keys[1]: is also tenants[0].keys[0] (expected: each key once)",
                        "gateway.yaml:12: tenants[2].name: missing (expected: 1 to 100 letters, digits or signs among ."
                                + " _ : -)",
                        "gateway.yaml:13: tenants[3].keys: none (expected: at least one, or keysFile, or jwt; only the tenant default has"
                                + " callers without a key)",
                        "gateway.yaml:14: tenants[4].keys: none (expected: at least one, or keysFile, or jwt; only the tenant default has"
                                + " callers without a key)");
    }

    @Test
    void keysAreNotShown() {
        assertThat(problems("""
                tenants:
                  - name: a
                    keys:
                      - hunter2
                      - ${SHORT}
                      - sha256:12
                """))
                .containsExactly(
                        "gateway.yaml:5: tenants[0].keys[0]: value hidden (expected: sha256: and 64 hexadecimal digits,"
                                + " or a key of 16 to 4096 visible ASCII characters)",
                        "gateway.yaml:6: tenants[0].keys[1]: value hidden with its placeholders filled (expected: sha256:"
                                + " and 64 hexadecimal digits, or a key of 16 to 4096 visible ASCII characters)",
                        "gateway.yaml:7: tenants[0].keys[2]: value hidden (expected: sha256: and 64 hexadecimal digits,"
                                + " or a key of 16 to 4096 visible ASCII characters)");
    }

    @Test
    void aGrantBelowTheTenantsOwnObjectiveIsAContradiction() {
        assertThat(problems("""
                objectives: [{name: a, priority: 7}]
                tenants:
                  - name: default
                    objective: a
                    maxPriority: 5
                """))
                .containsExactly("gateway.yaml:6: tenants[0].maxPriority: 5 (expected: at least 7, the priority of its"
                        + " objective a)");
    }

    @Test
    void rulesNeedAConditionAndOneEffect() {
        assertThat(problems("""
                objectives: [{name: a}]
                rules:
                  - {objective: a}
                  - {model: m}
                  - {model: m, objective: a, priority: 1}
                  - {model: m, value: v, priority: 1}
                  - {model: "a*b", priority: 1}
                  - {header: "x y", priority: 1}
                  - no rule
                """))
                .containsExactly(
                        "gateway.yaml:4: rules[0]: matches every request (expected: at least one of model, path, header)",
                        "gateway.yaml:5: rules[1]: no effect (expected: objective or priority)",
                        "gateway.yaml:6: rules[2]: both objective and priority (expected: objective or priority)",
                        "gateway.yaml:7: rules[3].value: of which header? (expected: header beside it)",
                        "gateway.yaml:8: rules[4].model: \"a*b\" (expected: a text, or its beginning and *)",
                        "gateway.yaml:9: rules[5].header: \"x y\" (expected: a header name such as x-app)",
                        "gateway.yaml:10: rules[6]: \"no rule\" (expected: keys model, path, header, value, objective,"
                                + " priority)");
    }

    @Test
    void valuesOutOfRangeAreReported() {
        assertThat(problems("""
                objectives:
                  - {name: a, priority: 1001}
                  - {name: b, ttft: 0s}
                  - {name: c, tpot: 25h}
                  - {name: d, deadline: soon}
                tenants:
                  - {name: default, maxPriority: -1001}
                  - {name: default, weight: 0}
                rules:
                  - {path: /x, priority: 1.5}
                unknownObjective: ignore
                requireKey: yes
                """))
                .extracting(line -> line.substring(0, line.indexOf(" (expected")))
                .containsExactly(
                        "gateway.yaml:3: objectives[0].priority: \"1001\"",
                        "gateway.yaml:4: objectives[1].ttft: \"0s\"",
                        "gateway.yaml:5: objectives[2].tpot: \"25h\"",
                        "gateway.yaml:6: objectives[3].deadline: \"soon\"",
                        "gateway.yaml:8: tenants[0].maxPriority: \"-1001\"",
                        "gateway.yaml:9: tenants[1].weight: \"0\"",
                        "gateway.yaml:9: tenants[1].name: \"default\" is also tenants[0].name",
                        "gateway.yaml:11: rules[0].priority: \"1.5\"",
                        "gateway.yaml:12: unknownObjective: \"ignore\"",
                        "gateway.yaml:13: requireKey: \"yes\"");
    }

    @Test
    void keysCannotBeRequiredWhereThereAreNone() {
        assertThat(problems("requireKey: true\ntenants: [{name: default}]\n"))
                .containsExactly(
                        "gateway.yaml:2: requireKey: \"true\" (expected: at least one key among tenants[].keys, or jwt)");
    }

    @Test
    void freeNamesAreStillNamesAndValues() {
        assertThat(problems("serviceTiers: [flex]"))
                .containsExactly("gateway.yaml:2: serviceTiers: a list (expected: names and values)");
        assertThat(problems("serviceTiers: {flex: [batch]}"))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:2: serviceTiers.flex: a list (expected: ");
    }

    @Test
    void sharesThatPromiseMoreThanThereIsAreReported() {
        assertThat(problems("""
                admission:
                  bands:
                    - {priority: 10, minShare: 0.7}
                    - {priority: 0, minShare: 0.2}
                    - priority: -10
                      minShare: 0.2
                    - {priority: -20}
                    - {priority: -30}
                    - {priority: -40}
                """))
                .containsExactly(
                        "gateway.yaml:7: admission.bands[2].minShare: 0.2 (expected: all bands together at most 1; 0.1"
                                + " is left)",
                        "gateway.yaml:10: admission.bands[5].minShare: 0.05 (expected: all bands together at most 1; 0"
                                + " is left)");
    }

    @Test
    void twentyBandsMayHaveTheDefaultShare() throws Exception {
        var bands = Arrays.toString(new int[20]).replace("0", "{priority: N}");
        for (int i = 0; i < 20; i++) {
            bands = bands.replaceFirst("N", Integer.toString(i));
        }
        assertThat(parse("admission: {bands: " + bands + "}").admission().bands())
                .hasSize(20);
    }

    @Test
    void limitsOfZeroAndOtherNonsenseOfAdmissionAreReported() {
        assertThat(problems("""
                admission:
                  enabled: maybe
                  maxWait: 0s
                  maxRequests: 0
                  maxBytes: 0
                  maxRequestsPerFlow: -1
                  bands:
                    - {priority: 1, maxRequests: 0}
                    - {priority: 2, maxBytes: 0B}
                    - {priority: 3, maxWait: 0ms}
                    - {priority: 4, minShare: 1.1}
                    - {priority: 1001}
                    - {minShare: 0}
                    - {priority: 1}
                """))
                .extracting(line -> line.substring(0, line.indexOf(" (expected")))
                .containsExactly(
                        "gateway.yaml:3: admission.enabled: \"maybe\"",
                        "gateway.yaml:4: admission.maxWait: \"0s\"",
                        "gateway.yaml:5: admission.maxRequests: \"0\"",
                        "gateway.yaml:6: admission.maxBytes: \"0\"",
                        "gateway.yaml:7: admission.maxRequestsPerFlow: \"-1\"",
                        "gateway.yaml:9: admission.bands[0].maxRequests: \"0\"",
                        "gateway.yaml:10: admission.bands[1].maxBytes: \"0B\"",
                        "gateway.yaml:11: admission.bands[2].maxWait: \"0ms\"",
                        "gateway.yaml:12: admission.bands[3].minShare: \"1.1\"",
                        "gateway.yaml:13: admission.bands[4].priority: \"1001\"",
                        "gateway.yaml:14: admission.bands[5].priority: missing",
                        "gateway.yaml:15: admission.bands[6].priority: 1 is also admission.bands[0].priority");
        assertThat(problems("admission: {maxWait: 0s}"))
                .containsExactly(
                        "gateway.yaml:2: admission.maxWait: \"0s\" (expected: a duration from 1ms to 24h such as"
                                + " 500ms, 10s or 2m)");
    }
}
