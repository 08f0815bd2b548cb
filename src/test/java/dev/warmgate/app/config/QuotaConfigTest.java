package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.router.quota.PriceList;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.TokenPrice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits and prices in the file. */
class QuotaConfigTest {
    private static final String POOL = "pools: [{endpoints: [http://127.0.0.1:8001]}]\n";
    private static final String KEY = "sha256:" + "ab".repeat(32);

    private static QuotaSpec parse(String yaml) throws ConfigException {
        return new ConfigLoader(Map.of())
                .parse("gateway.yaml", POOL + yaml, Overrides.NONE)
                .quotas();
    }

    /** Returns what is wrong; the first line of {@code yaml} is line 2. */
    private static List<String> problems(String yaml) {
        var thrown = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        assertThat(thrown).as("a ConfigException").isNotNull();
        return thrown.problems();
    }

    @Test
    void nothingIsLimitedByDefault() throws Exception {
        assertThat(parse("")).isEqualTo(QuotaSpec.NONE);
        assertThat(parse("tenants: [{name: acme, keys: [\"" + KEY + "\"]}]")).isEqualTo(QuotaSpec.NONE);
    }

    @Test
    void everyKeyIsRead() throws Exception {
        var spec = parse("""
                tenants:
                  - name: acme
                    keys: ["%s"]
                    limits:
                      tokensPerMinute: 100000
                      tokensPerDay: 1000000000000
                      requestsPerMinute: 60
                      concurrentRequests: 10
                      gpuSecondsPerMinute: 0.5
                      gpuSecondsPerDay: 1000
                      moneyPerDay: 12.5
                    modelLimits:
                      - {model: big, tokensPerMinute: 1000}
                  - {name: default}
                quotas:
                  models: [{model: big, requestsPerMinute: 3000}]
                  prices:
                    - {model: big, input: 0.7, cached: 0.07, output: 2.8}
                    - {model: "*", input: 0.1, output: 0.4}
                  expectedOutputTokens: 100
                  wholeAnswerTokens: 2000
                """.formatted(KEY));
        assertThat(spec)
                .isEqualTo(new QuotaSpec(
                        Map.of(
                                new QuotaScope.OfTenant("acme"),
                                QuotaLimits.NONE
                                        .with(QuotaKind.TOKENS_PER_MINUTE, 100_000)
                                        .with(QuotaKind.TOKENS_PER_DAY, 1e12)
                                        .with(QuotaKind.REQUESTS_PER_MINUTE, 60)
                                        .with(QuotaKind.CONCURRENT_REQUESTS, 10)
                                        .with(QuotaKind.GPU_SECONDS_PER_MINUTE, 0.5)
                                        .with(QuotaKind.GPU_SECONDS_PER_DAY, 1000)
                                        .with(QuotaKind.MONEY_PER_DAY, 12.5),
                                new QuotaScope.OfTenantAndModel("acme", "big"),
                                QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_MINUTE, 1000),
                                // Named, so that the limits of the unnamed are not its own.
                                new QuotaScope.OfTenant("default"),
                                QuotaLimits.NONE,
                                new QuotaScope.OfModel("big"),
                                QuotaLimits.NONE.with(QuotaKind.REQUESTS_PER_MINUTE, 3000)),
                        "default",
                        new PriceList(Map.of("big", new TokenPrice(0.7, 0.07, 2.8)), new TokenPrice(0.1, 0.1, 0.4)),
                        100,
                        2000));
    }

    @Test
    void limitsOfZeroAndOtherNonsenseAreErrors() {
        assertThat(problems("""
                tenants:
                  - name: default
                    limits: {tokensPerMinute: 0, requestsPerMinute: 1.5, gpuSecondsPerDay: -1, tokensPerHour: 5}
                    modelLimits:
                      - {tokensPerMinute: 5}
                      - {model: a}
                      - {model: b, tokensPerMinute: 5}
                      - {model: b, tokensPerMinute: 6}
                """))
                .containsExactly(
                        "gateway.yaml:4: tenants[0].limits.tokensPerHour: unknown key (did you mean tokensPerDay?)",
                        "gateway.yaml:4: tenants[0].limits.tokensPerMinute: \"0\" (expected: a whole number from 1 to"
                                + " 1000000000000)",
                        "gateway.yaml:4: tenants[0].limits.requestsPerMinute: \"1.5\" (expected: a whole number from 1"
                                + " to 1000000000)",
                        "gateway.yaml:4: tenants[0].limits.gpuSecondsPerDay: \"-1\" (expected: a number from 0.001 to"
                                + " 100000000000)",
                        "gateway.yaml:6: tenants[0].modelLimits[0].model: missing (expected: a model name)",
                        "gateway.yaml:7: tenants[0].modelLimits[1]: no limit (expected: at least one beside the model)",
                        "gateway.yaml:9: tenants[0].modelLimits[3].model: is also tenants[0].modelLimits[2] (expected:"
                                + " each model once)");
    }

    @Test
    void moneyNeedsPrices() {
        assertThat(problems("""
                tenants:
                  - name: default
                    limits: {moneyPerDay: 5}
                    modelLimits: [{model: big, moneyPerDay: 2.5}]
                quotas:
                  models: [{model: big, moneyPerDay: 3}]
                  prices:
                    - {model: small, input: 1, output: 1}
                    - {model: small, input: 1, output: -1}
                """))
                .containsExactlyInAnyOrder(
                        "gateway.yaml:4: tenants[0].limits.moneyPerDay: 5 (expected: a price of all models, model \"*\""
                                + " in quotas.prices)",
                        "gateway.yaml:5: tenants[0].modelLimits[0].moneyPerDay: 2.5 (expected: a price of model"
                                + " \"big\" in quotas.prices)",
                        "gateway.yaml:7: quotas.models[0].moneyPerDay: 3 (expected: a price of model \"big\" in"
                                + " quotas.prices)",
                        "gateway.yaml:10: quotas.prices[1].output: \"-1\" (expected: a number from 0 to 100000)",
                        "gateway.yaml:10: quotas.prices[1].model: \"small\" is also quotas.prices[0].model (expected:"
                                + " each model once)");
    }
}
