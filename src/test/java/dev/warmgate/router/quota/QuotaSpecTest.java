package dev.warmgate.router.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotaSpecTest {
    private static final QuotaScope TENANT = new QuotaScope.OfTenant("acme");
    private static final QuotaScope MODEL = new QuotaScope.OfModel("qwen");

    @Test
    void limitsThatCannotBeAreRefused() {
        for (var kind : QuotaKind.values()) {
            double[] absurd = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, kind.most() * 2, kind.least() / 2};
            for (double limit : absurd) {
                assertThatThrownBy(() -> QuotaLimits.NONE.with(kind, limit))
                        .as("%s %s", kind, limit)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(kind.settingName() + ": ")
                        .hasMessageContaining("(expected: ");
            }
            assertThat(QuotaLimits.NONE.with(kind, kind.least()).byKind()).containsEntry(kind, kind.least());
            assertThat(QuotaLimits.NONE.with(kind, kind.most()).byKind()).containsEntry(kind, kind.most());
            assertThat(kind.toUnits(kind.most())).isLessThanOrEqualTo(1_000_000_000_000_000_000L);
        }
    }

    @Test
    void messagesSayWhatIsExpected() {
        assertThatThrownBy(() -> QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_MINUTE, 0))
                .hasMessage("tokensPerMinute: 0 (expected: a whole number from 1 to 1000000000000)");
        assertThatThrownBy(() -> QuotaLimits.NONE.with(QuotaKind.REQUESTS_PER_MINUTE, 2.5))
                .hasMessage("requestsPerMinute: 2.5 (expected: a whole number from 1 to 1000000000)");
        assertThatThrownBy(() -> QuotaLimits.NONE.with(QuotaKind.MONEY_PER_DAY, -3))
                .hasMessage("moneyPerDay: -3 (expected: 0.001 to 1000000000)");
        assertThatThrownBy(() -> new TokenPrice(1, -0.5, 1)).hasMessage("cached: -0.5 (expected: 0 to 100000)");
        assertThatThrownBy(() -> new TokenPrice(1, 1, Double.NaN)).hasMessage("output: NaN (expected: 0 to 100000)");
        assertThatThrownBy(() -> new QuotaScope.OfTenant(" ")).hasMessage("tenant: \" \" (expected: a name)");
        assertThatThrownBy(() -> new QuotaScope.OfTenantAndModel("a", "")).hasMessage("model: \"\" (expected: a name)");
        assertThatThrownBy(() -> new QuotaSpec(Map.of(), "", PriceList.NONE, 1, 1))
                .hasMessage("defaultTenant: \"\" (expected: a name)");
        assertThatThrownBy(() -> new QuotaSpec(Map.of(), "d", PriceList.NONE, 0, 1))
                .hasMessage("expectedOutputTokens: 0 (expected: 1 to 10000000)");
        assertThatThrownBy(() -> new QuotaSpec(Map.of(), "d", PriceList.NONE, 1, 20_000_000))
                .hasMessage("wholeAnswerTokens: 20000000 (expected: 1 to 10000000)");
    }

    @Test
    void aLimitOfMoneyNeedsAPriceForEverythingThatItLimits() {
        var money = QuotaLimits.NONE.with(QuotaKind.MONEY_PER_DAY, 10);
        var price = new TokenPrice(1, 0.1, 2);
        var qwenOnly = new PriceList(Map.of("qwen", price), null);
        assertThatThrownBy(() -> QuotaSpec.of(Map.of(TENANT, money), qwenOnly))
                .hasMessage("prices: none for other models (expected: one, because moneyPerDay limits tenant acme)");
        assertThatThrownBy(
                        () -> QuotaSpec.of(Map.of(new QuotaScope.OfTenantAndModel("acme", "llama"), money), qwenOnly))
                .hasMessage("prices: none for this model (expected: one, because moneyPerDay limits tenant acme with"
                        + " model llama)");
        assertThat(QuotaSpec.of(Map.of(MODEL, money), qwenOnly).limits()).hasSize(1);
        assertThat(QuotaSpec.of(Map.of(TENANT, money), new PriceList(Map.of(), TokenPrice.FREE))
                        .limits())
                .hasSize(1);
    }

    @Test
    void requestsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new QuotaRequest("a", "m", -1, -1, false))
                .hasMessage("promptTokens: -1 (expected: at least 0)");
        assertThatThrownBy(() -> new QuotaRequest("a", "m", 1, -2, false))
                .hasMessage("maxOutputTokens: -2 (expected: at least 0, or -1 for none)");
        assertThatThrownBy(() -> new QuotaRequest("a", "m", 10, 11, -1, -1, false, 0, 0))
                .hasMessage("cachedTokens: 11 (expected: 0 to 10, the prompt's tokens)");
        assertThatThrownBy(() -> new QuotaRequest("a", "m", 10, 1, -1, -1, false, Double.NaN, 0))
                .hasMessage("prefillGpuSeconds: NaN (expected: 0 to 1000000)");
        assertThatThrownBy(() -> new QuotaRequest("a", "m", 10, 1, -1, -1, false, 0, -1))
                .hasMessage("gpuSecondsPerOutputToken: -1.0 (expected: 0 to 1000000)");
    }

    @Test
    void cachedTokensAreCheaper() {
        var price = new TokenPrice(3, 0.3, 15);
        assertThat(price.of(1_000_000, 0, 0)).isEqualTo(3);
        assertThat(price.of(1_000_000, 1_000_000, 0)).isEqualTo(0.3);
        assertThat(price.of(1_000_000, 500_000, 100_000)).isEqualTo(1.5 + 0.15 + 1.5);
    }
}
