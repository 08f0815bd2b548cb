package dev.warmgate.router.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads on tenants, models and both, while the configuration changes. */
class QuotaStressTest {
    private static final int THREADS = 8;
    private static final int REQUESTS = 20_000;
    private static final int TENANTS = 3;
    private static final int MODELS = 2;
    private static final int CONCURRENT = 6;

    private final Quotas quotas = new Quotas(new Clocks().store(), spec(1_000_000_000));
    private final AtomicInteger[] running = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
    private final AtomicInteger refused = new AtomicInteger();

    private static QuotaSpec spec(double tokens) {
        var limits = new HashMap<QuotaScope, QuotaLimits>();
        for (int t = 0; t < TENANTS; t++) {
            limits.put(
                    new QuotaScope.OfTenant("t" + t),
                    QuotaLimits.NONE
                            .with(QuotaKind.CONCURRENT_REQUESTS, CONCURRENT)
                            .with(QuotaKind.TOKENS_PER_DAY, tokens));
            limits.put(
                    new QuotaScope.OfTenantAndModel("t" + t, "m0"),
                    QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_MINUTE, tokens));
        }
        for (int m = 0; m < MODELS; m++) {
            limits.put(
                    new QuotaScope.OfModel("m" + m),
                    QuotaLimits.NONE
                            .with(QuotaKind.TOKENS_PER_DAY, tokens)
                            .with(QuotaKind.GPU_SECONDS_PER_DAY, tokens));
        }
        return QuotaSpec.of(Map.copyOf(limits));
    }

    @Test
    void everythingIsSettledOrRefundedAndNoLimitIsEverPassed() throws Exception {
        long seed = 8_086;
        var start = new CyclicBarrier(THREADS + 1);
        long tokens = 0;
        try (var executor = Executors.newFixedThreadPool(THREADS)) {
            var futures = new ArrayList<Future<Long>>();
            for (int t = 0; t < THREADS; t++) {
                var random = new Random(seed + t);
                Callable<Long> client = () -> {
                    start.await();
                    return traffic(random);
                };
                futures.add(executor.submit(client));
            }
            start.await();
            for (int i = 0; i < 200; i++) {
                quotas.update(spec(1_000_000_000 + i));
                assertThat(quotas.usage())
                        .allSatisfy(
                                usage -> assertThat(usage.state().remaining()).isNotNegative());
            }
            for (var future : futures) {
                tokens += future.get();
            }
        }
        double settled = 0;
        for (var usage : quotas.usage()) {
            var state = usage.state();
            assertThat(state.held()).as("seed %s: %s", seed, state).isZero();
            assertThat(state.reservedTotal())
                    .as("seed %s: %s", seed, state)
                    .isCloseTo(state.settledTotal() + state.refundedTotal(), within(1e-6));
            if (state.limit().scope() instanceof QuotaScope.OfTenant
                    && state.limit().kind() == QuotaKind.TOKENS_PER_DAY) {
                settled += state.settledTotal();
                assertThat(state.used()).as("seed %s: %s", seed, state).isEqualTo(state.settledTotal());
            }
        }
        assertThat(settled).as("seed %s", seed).isEqualTo((double) tokens);
        assertThat(refused.get()).isPositive();
        assertThat(quotas.usage().stream().mapToLong(QuotaUsage::refused).sum()).isEqualTo(refused.get());
    }

    private record Open(int tenant, QuotaLease lease) {}

    /** Returns the tokens used. */
    private long traffic(Random random) {
        var open = new ArrayDeque<Open>();
        long tokens = 0;
        for (int i = 0; i < REQUESTS; i++) {
            int tenant = random.nextInt(TENANTS);
            String model = "m" + random.nextInt(MODELS);
            var request = new QuotaRequest("t" + tenant, model, 100, 0, -1, 10, true, 0.1, 0.001);
            switch (quotas.reserve(request)) {
                case QuotaResult.Granted(var lease) -> {
                    assertThat(running[tenant].incrementAndGet()).isLessThanOrEqualTo(CONCURRENT);
                    open.add(new Open(tenant, lease));
                }
                case QuotaResult.Exceeded _ -> refused.incrementAndGet();
            }
            while (!open.isEmpty() && random.nextInt(8) < open.size()) {
                tokens += end(open.remove(), random);
            }
        }
        while (!open.isEmpty()) {
            tokens += end(open.remove(), random);
        }
        return tokens;
    }

    private long end(Open ended, Random random) {
        // Before the account is free, or another thread could get in first and count one too many.
        running[ended.tenant].decrementAndGet();
        if (random.nextInt(4) == 0) {
            assertThat(ended.lease.cancel()).isTrue();
            return 0;
        }
        int output = random.nextInt(300);
        for (int i = 0; i < output; i += 20) {
            assertThat(ended.lease.progress(i)).isNull();
        }
        assertThat(ended.lease.settle(new Usage(90, 30, output))).isTrue();
        assertThat(ended.lease.settle(Usage.UNKNOWN)).isFalse();
        return 90L + output;
    }
}
