package dev.warmgate.router.quota;

import static dev.warmgate.router.quota.Clocks.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Usage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class QuotasTest {
    private final Clocks clocks = new Clocks();

    private static QuotaRequest request(String tenant, String model, int prompt, int output) {
        return new QuotaRequest(tenant, model, prompt, output, false);
    }

    private static QuotaRequest request(int prompt, int output) {
        return request("acme", "qwen", prompt, output);
    }

    private static QuotaLease granted(Quotas quotas, QuotaRequest request) {
        var result = quotas.reserve(request);
        assertThat(result).isInstanceOf(QuotaResult.Granted.class);
        return ((QuotaResult.Granted) result).lease();
    }

    private static QuotaRefusal refused(Quotas quotas, QuotaRequest request) {
        var result = quotas.reserve(request);
        assertThat(result).isInstanceOf(QuotaResult.Exceeded.class);
        return ((QuotaResult.Exceeded) result).refusal();
    }

    private static QuotaState state(Quotas quotas, QuotaScope scope, QuotaKind kind) {
        return quotas.usage().stream()
                .map(QuotaUsage::state)
                .filter(state ->
                        state.limit().scope().equals(scope) && state.limit().kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsReservedIsSettledByTheRealCountAndTheRestIsBack() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_MINUTE, 1_000);
        var lease = granted(quotas, request(300, 500));
        assertThat(refused(quotas, request(100, 101)).left()).isEqualTo(200);
        assertThat(lease.settle(new Usage(310, 0, 90))).isTrue();
        assertThat(lease.settle(new Usage(1, 1, 1))).isFalse();
        assertThat(lease.cancel()).isFalse();
        var state = state(quotas, ACME, QuotaKind.TOKENS_PER_MINUTE);
        assertThat(state.used()).isEqualTo(400);
        assertThat(state.held()).isZero();
        assertThat(state.remaining()).isEqualTo(600);
        assertThat(state.reservedTotal()).isEqualTo(800);
        assertThat(state.settledTotal()).isEqualTo(400);
        assertThat(state.refundedTotal()).isEqualTo(400);
    }

    @Test
    void aCancelledRequestCostNothing() {
        var limits = new HashMap<QuotaKind, Double>();
        for (var kind : QuotaKind.values()) {
            limits.put(kind, 1_000_000.0);
        }
        var prices = new PriceList(Map.of(), new TokenPrice(1, 1, 1));
        var quotas = clocks.quotas(QuotaSpec.of(Map.of(ACME, new QuotaLimits(limits)), prices));
        var lease = granted(quotas, new QuotaRequest("acme", "qwen", 300, 0, 500, -1, false, 2, 0.01));
        for (var usage : quotas.usage()) {
            assertThat(usage.state().held()).as(usage.toString()).isPositive();
        }
        assertThat(lease.cancel()).isTrue();
        assertThat(lease.settle(Usage.UNKNOWN)).isFalse();
        for (var usage : quotas.usage()) {
            assertThat(usage.state().held()).as(usage.toString()).isZero();
            assertThat(usage.state().used()).as(usage.toString()).isZero();
            assertThat(usage.state().reset()).as(usage.toString()).isZero();
        }
    }

    @Test
    void allLimitsOrNone() {
        var model = new QuotaScope.OfModel("qwen");
        var both = new QuotaScope.OfTenantAndModel("acme", "qwen");
        var quotas = clocks.quotas(QuotaSpec.of(Map.of(
                ACME,
                        QuotaLimits.NONE
                                .with(QuotaKind.TOKENS_PER_MINUTE, 1_000)
                                .with(QuotaKind.REQUESTS_PER_MINUTE, 100),
                model, QuotaLimits.NONE.with(QuotaKind.CONCURRENT_REQUESTS, 10),
                both, QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_DAY, 500))));
        var refusal = refused(quotas, request(300, 300));
        assertThat(refusal.limit()).isEqualTo(new QuotaLimit(both, QuotaKind.TOKENS_PER_DAY, 500));
        for (var usage : quotas.usage()) {
            assertThat(usage.state().held()).isZero();
            assertThat(usage.state().reservedTotal()).isZero();
        }
        granted(quotas, request(300, 200));
        // Another model of the tenant and another tenant of the model have their own limits.
        granted(quotas, request("acme", "llama", 300, 200));
        granted(quotas, request("other", "qwen", 3_000, 2_000));
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_MINUTE).held()).isEqualTo(1_000);
        assertThat(state(quotas, model, QuotaKind.CONCURRENT_REQUESTS).held()).isEqualTo(2);
        assertThat(state(quotas, both, QuotaKind.TOKENS_PER_DAY).held()).isEqualTo(500);
    }

    @Test
    void aRefusalSaysWhatWhoHowMuchAndWhen() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_MINUTE, 6_000);
        granted(quotas, request(5_000, 0)).settle(new Usage(5_000, 0, 0));
        var refusal = refused(quotas, request(1_500, 500));
        assertThat(refusal.asked()).isEqualTo(2_000);
        assertThat(refusal.left()).isEqualTo(1_000);
        var wait = Objects.requireNonNull(refusal.retryAfter());
        assertThat(wait)
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(10).plusNanos(1));
        assertThat(refusal.message())
                .isEqualTo("Limit of tokens per minute of tenant acme reached: limit 6000, left 1000, asked 2000;"
                        + " try again in 10 s.");
        clocks.advance(wait.minusNanos(2));
        refused(quotas, request(1_500, 500));
        clocks.advance(Duration.ofNanos(2));
        granted(quotas, request(1_500, 500));
        assertThat(quotas.usage())
                .singleElement()
                .extracting(QuotaUsage::refused)
                .isEqualTo(2L);
    }

    @Test
    void whatTheLimitNeverAllowsIsNotWorthWaitingFor() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, 1_000);
        var refusal = refused(quotas, request(600, 401));
        assertThat(refusal.retryAfter()).isNull();
        assertThat(refusal.message()).endsWith("lower maximum of output tokens, waiting does not help.");
    }

    @Test
    void ofSeveralLimitsTheLongestWaitIsTold() {
        var quotas = clocks.quotas(QuotaSpec.of(Map.of(
                ACME, QuotaLimits.NONE.with(QuotaKind.REQUESTS_PER_MINUTE, 1).with(QuotaKind.TOKENS_PER_DAY, 100))));
        granted(quotas, request(90, 0)).settle(new Usage(90, 0, 0));
        assertThat(refused(quotas, request(90, 0)).retryAfter()).isEqualTo(Duration.ofHours(12));
        assertThat(refused(quotas, request(10, 0)).limit().kind()).isEqualTo(QuotaKind.REQUESTS_PER_MINUTE);
        assertThat(refused(quotas, request(101, 0)).retryAfter()).isNull();
    }

    @Test
    void aDayEndsAtMidnightUtcAndWhatIsHeldCountsForTheNewOne() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, 1_000);
        clocks.set("2026-03-01T23:59:30Z");
        granted(quotas, request(500, 0)).settle(new Usage(500, 0, 0));
        var overMidnight = granted(quotas, request(400, 0));
        assertThat(refused(quotas, request(600, 0)).retryAfter()).isEqualTo(Duration.ofSeconds(30));
        // What is missing is held by a request that may give it back.
        assertThat(refused(quotas, request(300, 0)).retryAfter()).isEqualTo(Duration.ofSeconds(1));
        clocks.set("2026-03-02T00:00:00Z");
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isZero();
        overMidnight.settle(new Usage(350, 0, 0));
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(350);
        clocks.set("2026-03-01T23:59:59Z");
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(350);
        clocks.set("2026-02-20T10:00:00Z");
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isZero();
    }

    @Test
    void runningRequestsAreCountedUntilTheyEnd() {
        var quotas = clocks.quotas(QuotaKind.CONCURRENT_REQUESTS, 2);
        var one = granted(quotas, request(1, 1));
        var two = granted(quotas, request(1, 1));
        assertThat(refused(quotas, request(1, 1)).retryAfter()).isEqualTo(Duration.ofMillis(500));
        clocks.advance(Duration.ofSeconds(8));
        one.settle(Usage.UNKNOWN);
        granted(quotas, request(1, 1));
        // Two that run for 8 s each: one ends every 4 s.
        assertThat(refused(quotas, request(1, 1)).retryAfter()).isEqualTo(Duration.ofSeconds(4));
        two.cancel();
        granted(quotas, request(1, 1)).settle(Usage.UNKNOWN);
        assertThat(state(quotas, ACME, QuotaKind.CONCURRENT_REQUESTS).held()).isEqualTo(1);
    }

    @Test
    void whatTheEngineDoesNotSayIsTakenFromTheEstimate() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, 100_000);
        granted(quotas, request(300, 50)).settle(Usage.UNKNOWN);
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(350);
        granted(quotas, request(300, -1)).settle(new Usage(100, -1, -1));
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(350 + 100 + 256);
        var stream = granted(quotas, new QuotaRequest("acme", "qwen", 10, 50, true));
        assertThat(stream.progress(7)).isNull();
        stream.settle(Usage.UNKNOWN);
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(706 + 17);
    }

    @Test
    void moneyAndGpuTimeAreReservedAtFullPriceAndSettledByTheCache() {
        var prices = new PriceList(Map.of("qwen", new TokenPrice(2, 0.2, 10)), TokenPrice.FREE);
        var limits = QuotaLimits.NONE
                .with(QuotaKind.MONEY_PER_DAY, 5)
                .with(QuotaKind.GPU_SECONDS_PER_DAY, 100)
                .with(QuotaKind.GPU_SECONDS_PER_MINUTE, 60);
        var quotas = clocks.quotas(QuotaSpec.of(Map.of(ACME, limits), prices));
        var lease = granted(quotas, new QuotaRequest("acme", "qwen", 1_000_000, 0, 100_000, -1, false, 30, 0.0001));
        assertThat(state(quotas, ACME, QuotaKind.MONEY_PER_DAY).held()).isEqualTo(3);
        assertThat(state(quotas, ACME, QuotaKind.GPU_SECONDS_PER_DAY).held()).isEqualTo(40);
        lease.settle(new Usage(1_000_000, 900_000, 10_000), 4.5);
        assertThat(state(quotas, ACME, QuotaKind.MONEY_PER_DAY).used()).isEqualTo(0.2 + 0.18 + 0.1);
        assertThat(state(quotas, ACME, QuotaKind.GPU_SECONDS_PER_DAY).used()).isEqualTo(4.5);
        assertThat(state(quotas, ACME, QuotaKind.GPU_SECONDS_PER_MINUTE).used()).isEqualTo(4.5);
        var tiny = granted(quotas, request(1, 0));
        tiny.settle(new Usage(1, 1, 0));
        assertThat(state(quotas, ACME, QuotaKind.MONEY_PER_DAY).used()).isEqualTo(0.48 + 2e-7);
    }

    @Test
    void unknownTenantsShareTheLimitsOfTheDefaultTenant() {
        var standard = new QuotaScope.OfTenant("default");
        var quotas = clocks.quotas(QuotaSpec.of(
                Map.of(standard, QuotaLimits.NONE.with(QuotaKind.REQUESTS_PER_MINUTE, 3), ACME, QuotaLimits.NONE)));
        for (int i = 0; i < 3; i++) {
            granted(quotas, request("invented-" + i, "qwen", 1, 1));
        }
        assertThat(refused(quotas, request("invented-4", "qwen", 1, 1)).limit().scope())
                .isEqualTo(standard);
        for (int i = 0; i < 10; i++) {
            granted(quotas, request(1, 1));
            granted(clocks.quotas(QuotaSpec.NONE), request("anybody", "model-" + i, Integer.MAX_VALUE, -1));
        }
        assertThat(quotas.usage()).hasSize(1);
    }

    @Test
    void debtIsPaidBeforeAnythingElse() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_MINUTE, 600);
        granted(quotas, request(100, -1)).settle(new Usage(100, 0, 1_100));
        var refusal = refused(quotas, request(10, 0));
        assertThat(refusal.left()).isZero();
        assertThat(Objects.requireNonNull(refusal.retryAfter()).toSeconds()).isEqualTo(61);
    }

    @Test
    void aNewConfigurationKeepsWhatIsUsed() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, 1_000);
        granted(quotas, request(600, 0)).settle(new Usage(600, 0, 0));
        var running = granted(quotas, request(100, 0));
        refused(quotas, request(1_000, 0));
        quotas.update(QuotaSpec.of(Map.of(ACME, QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_DAY, 800))));
        assertThat(refused(quotas, request(101, 0)).left()).isEqualTo(100);
        running.settle(new Usage(50, 0, 0));
        assertThat(state(quotas, ACME, QuotaKind.TOKENS_PER_DAY).used()).isEqualTo(650);
        assertThat(quotas.usage().getFirst().refused()).isEqualTo(2);
        quotas.update(QuotaSpec.NONE);
        assertThat(quotas.usage()).isEmpty();
        granted(quotas, request(5_000, 0)).settle(Usage.UNKNOWN);
    }

    @Test
    void theTightestLimitsAreForTheHeaders() {
        var model = new QuotaScope.OfModel("qwen");
        var quotas = clocks.quotas(QuotaSpec.of(Map.of(
                ACME, QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_MINUTE, 1_000).with(QuotaKind.REQUESTS_PER_MINUTE, 10),
                model, QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_DAY, 1_200).with(QuotaKind.CONCURRENT_REQUESTS, 1))));
        var lease = granted(quotas, request(400, 0));
        var first = lease.snapshot();
        assertThat(Objects.requireNonNull(first.requests()).remaining()).isEqualTo(9);
        assertThat(Objects.requireNonNull(first.tokens()).limit().kind()).isEqualTo(QuotaKind.TOKENS_PER_MINUTE);
        lease.settle(new Usage(400, 0, 0));
        clocks.advance(Duration.ofSeconds(60));
        var refusal = (QuotaResult.Exceeded) quotas.reserve(request(900, 0));
        var tokens = Objects.requireNonNull(refusal.snapshot().tokens());
        assertThat(tokens.limit().scope()).isEqualTo(model);
        assertThat(tokens.remaining()).isEqualTo(800);
        assertThat(granted(clocks.quotas(QuotaSpec.NONE), request(1, 1)).snapshot())
                .isEqualTo(QuotaSnapshot.EMPTY);
    }
}
