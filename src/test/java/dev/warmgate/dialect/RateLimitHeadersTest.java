package dev.warmgate.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimit;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSnapshot;
import dev.warmgate.router.quota.QuotaState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitHeadersTest {
    private static final QuotaScope ACME = new QuotaScope.OfTenant("acme");

    private static QuotaState state(QuotaKind kind, double limit, double used, Duration reset) {
        return new QuotaState(new QuotaLimit(ACME, kind, limit), used, 0, reset, 0, 0, 0);
    }

    @Test
    void headersHaveOpenAisNamesInOpenAisOrder() {
        var snapshot = new QuotaSnapshot(
                state(QuotaKind.REQUESTS_PER_MINUTE, 60, 1, Duration.ofSeconds(1)),
                state(QuotaKind.TOKENS_PER_MINUTE, 150_000, 16, Duration.ofNanos(6_400_001)));
        assertThat(RateLimitHeaders.of(snapshot).toString())
                .isEqualTo("{x-ratelimit-limit-requests=60, x-ratelimit-remaining-requests=59,"
                        + " x-ratelimit-reset-requests=1s, x-ratelimit-limit-tokens=150000,"
                        + " x-ratelimit-remaining-tokens=149984, x-ratelimit-reset-tokens=7ms}");
    }

    @Test
    void aDebtIsNothingLeft() {
        var tokens = state(QuotaKind.TOKENS_PER_DAY, 1e15, 2e15, Duration.ofHours(24));
        assertThat(RateLimitHeaders.of(new QuotaSnapshot(null, tokens)).values())
                .containsExactly("1000000000000000", "0", "24h0m0s");
        assertThat(RateLimitHeaders.of(QuotaSnapshot.EMPTY)).isEmpty();
    }

    @Test
    void resetsAreWrittenLikeGoDurations() {
        assertThat(RateLimitHeaders.reset(Duration.ZERO)).isEqualTo("0s");
        assertThat(RateLimitHeaders.reset(Duration.ofNanos(1))).isEqualTo("1ms");
        assertThat(RateLimitHeaders.reset(Duration.ofMillis(20))).isEqualTo("20ms");
        assertThat(RateLimitHeaders.reset(Duration.ofNanos(999_000_001))).isEqualTo("1s");
        assertThat(RateLimitHeaders.reset(Duration.ofMillis(8_640))).isEqualTo("8.64s");
        assertThat(RateLimitHeaders.reset(Duration.ofMillis(72_005))).isEqualTo("1m12.005s");
        assertThat(RateLimitHeaders.reset(Duration.ofMinutes(6))).isEqualTo("6m0s");
        assertThat(RateLimitHeaders.reset(Duration.ofSeconds(82_805))).isEqualTo("23h0m5s");
    }
}
