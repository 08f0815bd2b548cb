package dev.warmgate.benchmarks;

import dev.warmgate.router.Usage;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.PriceList;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLease;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaRequest;
import dev.warmgate.router.quota.QuotaResult;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.quota.TokenPrice;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What quotas cost a request: reserve and settle on nine accounts, four of the tenant, three of the model, two of both;
 * 16 requests in flight per thread. With several threads ({@code -t 2}), each has tenants of its own in
 * {@code sharedModel}, where they meet at the model's lock, and all have one in {@code sharedTenant}.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseZGC")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class QuotaBenchmark {
    private static final int TENANTS = 100;
    private static final int IN_FLIGHT = 16;
    private static final Usage USAGE = new Usage(1_000, 800, 200);

    private Quotas quotas;

    /** Requests in flight of one thread. */
    @State(Scope.Thread)
    public static class Client {
        private final ArrayDeque<QuotaLease> inFlight = new ArrayDeque<>();
        private QuotaLease stream;
        private int output;
        private int tenant;
        private int step;

        @Setup
        public void putRequestsInFlight(QuotaBenchmark benchmark, ThreadParams threads) {
            step = threads.getThreadCount();
            tenant = threads.getThreadIndex();
            for (int i = 0; i < IN_FLIGHT; i++) {
                inFlight.add(benchmark.reserve("tenant-0"));
            }
            stream = benchmark.reserve("tenant-0");
        }

        private String nextTenant() {
            tenant = (tenant + step) % TENANTS;
            return "tenant-" + tenant;
        }
    }

    @Setup
    public void configure() {
        var limits = new HashMap<QuotaScope, QuotaLimits>();
        var most = QuotaLimits.NONE
                .with(QuotaKind.TOKENS_PER_MINUTE, QuotaKind.TOKENS_PER_MINUTE.most())
                .with(QuotaKind.REQUESTS_PER_MINUTE, QuotaKind.REQUESTS_PER_MINUTE.most());
        for (int i = 0; i < TENANTS; i++) {
            limits.put(
                    new QuotaScope.OfTenant("tenant-" + i),
                    most.with(QuotaKind.TOKENS_PER_DAY, QuotaKind.TOKENS_PER_DAY.most())
                            .with(QuotaKind.MONEY_PER_DAY, QuotaKind.MONEY_PER_DAY.most()));
            limits.put(new QuotaScope.OfTenantAndModel("tenant-" + i, "m"), most);
        }
        limits.put(
                new QuotaScope.OfModel("m"),
                most.with(QuotaKind.CONCURRENT_REQUESTS, QuotaKind.CONCURRENT_REQUESTS.most()));
        var prices = new PriceList(Map.of(), new TokenPrice(1, 0.1, 3));
        var store = new InMemoryQuotaStore(System::nanoTime, InstantSource.system());
        quotas = new Quotas(store, QuotaSpec.of(limits, prices));
    }

    /** Many tenants use one model. */
    @Benchmark
    public boolean sharedModel(Client client) {
        client.inFlight.add(reserve(client.nextTenant()));
        return client.inFlight.remove().settle(USAGE);
    }

    /** Everybody is one tenant. */
    @Benchmark
    public boolean sharedTenant(Client client) {
        client.inFlight.add(reserve("tenant-0"));
        return client.inFlight.remove().settle(USAGE);
    }

    /** A stream reports one more token; one call in 64 reserves more. */
    @Benchmark
    public Object progress(Client client) {
        client.output = client.output == Integer.MAX_VALUE ? 0 : client.output + 1;
        return client.stream.progress(client.output);
    }

    private QuotaLease reserve(String tenant) {
        var request = new QuotaRequest(tenant, "m", 1_000, 0, -1, 500, true, 0, 0);
        return switch (quotas.reserve(request)) {
            case QuotaResult.Granted(var lease) -> lease;
            case QuotaResult.Exceeded exceeded ->
                throw new IllegalStateException(exceeded.refusal().message());
        };
    }
}
