package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.proxy.front.ProxyProtocol;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Router;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.router.tenancy.TextPattern;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A proxy in front of some endpoints, with everything its observer was told. Round robin from the first endpoint. */
final class Gateway implements AutoCloseable {
    static final String MODELS = "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}";

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Pool pool;
    private final Router router;
    private final ProxyServer proxy;
    private final Queue<RequestReport> reports = new ConcurrentLinkedQueue<>();
    private final Queue<FailureKind> retries = new ConcurrentLinkedQueue<>();

    /** Which reports are kept; told by the test, asked by event loops. */
    private volatile Predicate<RequestReport> kept = _ -> true;

    /** What tests set about a gateway. */
    record Options(
            UnaryOperator<ProxySettings> adjust,
            HealthPolicy health,
            long kvTokens,
            AdmissionSettings admission,
            Access access,
            Outbound outbound,
            Supplier<RoutingPolicy> policy) {
        static final Options DEFAULT = new Options(
                s -> s,
                HealthPolicy.DEFAULT,
                1_000_000,
                AdmissionSettings.DEFAULT,
                Access.OPEN,
                Outbound.DEFAULT,
                () -> requireNonNull(Policies.create("round-robin")));

        /** An endpoint has room for one request of {@link Client#chat} at a time: an idle one takes any, whose answer is taken for 300 tokens. */
        static final Options ROOM_FOR_ONE = DEFAULT.kvTokens(100);

        Options adjust(UnaryOperator<ProxySettings> other) {
            return new Options(other, health, kvTokens, admission, access, outbound, policy);
        }

        Options health(HealthPolicy other) {
            return new Options(adjust, other, kvTokens, admission, access, outbound, policy);
        }

        Options kvTokens(long other) {
            return new Options(adjust, health, other, admission, access, outbound, policy);
        }

        Options admission(AdmissionSettings other) {
            return new Options(adjust, health, kvTokens, other, access, outbound, policy);
        }

        Options outbound(Outbound other) {
            return new Options(adjust, health, kvTokens, admission, access, other, policy);
        }

        Options policy(Supplier<RoutingPolicy> other) {
            return new Options(adjust, health, kvTokens, admission, access, outbound, other);
        }

        Options access(Access other) {
            return new Options(adjust, health, kvTokens, admission, other, outbound, policy);
        }
    }

    private record TestModels() implements Models {
        @Override
        public byte[] list(boolean forAnthropic) {
            return (forAnthropic ? "[\"anthropic\"]" : MODELS).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte @Nullable [] find(String id, boolean forAnthropic) {
            return id.equals("org/m")
                    ? (forAnthropic ? "{\"anthropic\":1}" : "{\"openai\":1}").getBytes(StandardCharsets.UTF_8)
                    : null;
        }
    }

    private Gateway(List<URI> endpoints, Options options) {
        var specs = new ArrayList<EndpointSpec>();
        endpoints.forEach(uri -> specs.add(EndpointSpec.of(uri)));
        pool = new Pool(
                new PoolSpec("pool", specs, Set.of("m"), options.health, options.kvTokens, 1 << 20),
                options.admission,
                options.policy.get(),
                System::nanoTime,
                new Random(1));
        var settings = ProxySettings.defaults(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        router = new Router(List.of(pool));
        long tick = Router.TICK.toNanos();
        var _ = clock.scheduleWithFixedDelay(router::tick, tick, tick, TimeUnit.NANOSECONDS);
        proxy = ProxyServer.start(
                options.adjust.apply(settings),
                router,
                options.access,
                options.outbound,
                42,
                new TestModels(),
                new RequestObserver() {
                    @Override
                    public void ended(RequestReport report) {
                        if (kept.test(report)) {
                            reports.add(report);
                        }
                    }

                    @Override
                    public void retried(String pool, String endpoint, FailureKind kind) {
                        retries.add(kind);
                    }
                });
    }

    static Gateway start(URI... endpoints) {
        return start(s -> s, endpoints);
    }

    static Gateway start(UnaryOperator<ProxySettings> adjust, URI... endpoints) {
        return start(adjust, HealthPolicy.DEFAULT, endpoints);
    }

    static Gateway start(UnaryOperator<ProxySettings> adjust, HealthPolicy health, URI... endpoints) {
        return start(Options.DEFAULT.adjust(adjust).health(health), endpoints);
    }

    static Gateway start(Options options, URI... endpoints) {
        return new Gateway(List.of(endpoints), options);
    }

    /** Returns settings with other limits; null and 0 keep what is there. */
    static UnaryOperator<ProxySettings> timeouts(Duration firstByte, Duration idle, Duration requestRead) {
        return s -> SettingsCopy.of(s, copy -> {
            copy.eventLoops = 2;
            copy.firstByteTimeout = firstByte;
            copy.idleTimeout = idle;
            copy.requestReadTimeout = requestRead;
        });
    }

    /** Opens further paths. */
    static ProxySettings opened(ProxySettings s, Set<TextPattern> paths) {
        return SettingsCopy.of(s, copy -> copy.openPaths = paths);
    }

    /** Asks no engine for usage. */
    static ProxySettings passive(ProxySettings s) {
        return SettingsCopy.of(s, copy -> copy.askUsage = false);
    }

    static UnaryOperator<ProxySettings> limits(int maxBodyBytes, int maxHeaderBytes) {
        return s -> SettingsCopy.of(s, copy -> {
            var f = s.front();
            copy.front = new FrontSettings(
                    f.listen(),
                    f.tls(),
                    maxHeaderBytes,
                    f.headerReadTimeout(),
                    f.keepAliveTimeout(),
                    f.maxRequestsPerConnection(),
                    f.limits(),
                    f.proxyProtocol());
            copy.eventLoops = 2;
            copy.maxBodyBytes = maxBodyBytes;
        });
    }

    /** Returns settings with other settings of the front. */
    static UnaryOperator<ProxySettings> front(UnaryOperator<FrontSettings> adjust) {
        return s -> SettingsCopy.of(s, copy -> {
            copy.front = adjust.apply(s.front());
            copy.eventLoops = 1;
        });
    }

    /** Returns settings with other rules of retrying. */
    static UnaryOperator<ProxySettings> retries(UnaryOperator<ProxySettings> adjust, RetryRules rules) {
        return s -> SettingsCopy.of(adjust.apply(s), copy -> copy.retries = rules);
    }

    Quarantine quarantine() {
        return router.quarantine();
    }

    /** Returns settings with one event loop, which all connections share. */
    static UnaryOperator<ProxySettings> oneLoop() {
        return front(f -> f);
    }

    /** Returns settings with which clients must speak TLS. */
    static UnaryOperator<ProxySettings> tls(TlsSettings tls) {
        return front(f -> new FrontSettings(
                f.listen(),
                tls,
                f.maxHeaderBytes(),
                f.headerReadTimeout(),
                f.keepAliveTimeout(),
                f.maxRequestsPerConnection(),
                f.limits(),
                f.proxyProtocol()));
    }

    /** Returns settings with which connections must begin with the PROXY protocol's header. */
    static UnaryOperator<ProxySettings> proxied(UnaryOperator<FrontSettings> adjust) {
        return front(before -> {
            var f = adjust.apply(before);
            return new FrontSettings(
                    f.listen(),
                    f.tls(),
                    f.maxHeaderBytes(),
                    f.headerReadTimeout(),
                    f.keepAliveTimeout(),
                    f.maxRequestsPerConnection(),
                    f.limits(),
                    ProxyProtocol.REQUIRED);
        });
    }

    /** Returns settings with other limits for clients. */
    static UnaryOperator<ProxySettings> limits(ClientLimits limits) {
        return front(f -> new FrontSettings(
                f.listen(),
                f.tls(),
                f.maxHeaderBytes(),
                f.headerReadTimeout(),
                f.keepAliveTimeout(),
                f.maxRequestsPerConnection(),
                limits,
                f.proxyProtocol()));
    }

    /** Returns settings with other times for a header and between two requests. */
    static UnaryOperator<ProxySettings> waits(Duration headerRead, Duration keepAlive) {
        return front(f -> new FrontSettings(
                f.listen(),
                f.tls(),
                f.maxHeaderBytes(),
                headerRead,
                keepAlive,
                f.maxRequestsPerConnection(),
                f.limits(),
                f.proxyProtocol()));
    }

    ProxyServer proxy() {
        return proxy;
    }

    Client client() throws IOException {
        return Client.connect(proxy.address());
    }

    /** Connects with a small receive buffer, for a client that reads slowly. */
    Client client(int receiveBuffer) throws IOException {
        return Client.connect(proxy.address(), receiveBuffer);
    }

    /** Waits until so many requests wait for room. */
    void awaitWaiting(int count) {
        await().untilAsserted(() -> assertThat(pool.waiting()).isEqualTo(count));
    }

    Endpoint endpoint(int i) {
        return pool.endpoints().get(i);
    }

    /** Keeps no other reports from now on. */
    void keepOnly(Predicate<RequestReport> which) {
        kept = which;
    }

    Queue<RequestReport> reports() {
        return reports;
    }

    /** Returns the reports by the ids of their requests. */
    Map<String, RequestReport> reportsById() {
        return reports.stream().collect(Collectors.toMap(RequestReport::requestId, report -> report, (a, _) -> a));
    }

    Queue<FailureKind> retries() {
        return retries;
    }

    /** Waits for so many reports and returns the last one. */
    RequestReport report(int count) {
        await().until(() -> reports.size() >= count);
        assertThat(reports).hasSize(count);
        return List.copyOf(reports).getLast();
    }

    Outcome outcome(int count) {
        return report(count).outcome();
    }

    /** Waits until nothing is in flight, and checks that nothing is held. */
    void assertQuiet() {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(proxy.inFlight()).isZero();
            assertThat(pool.openReservations()).isZero();
            assertThat(pool.waiting()).isZero();
            for (Endpoint endpoint : pool.endpoints()) {
                assertThat(endpoint.inFlight()).isZero();
                assertThat(endpoint.pendingPrefillTokens()).isZero();
            }
        });
    }

    @Override
    public void close() {
        try {
            assertQuiet();
        } finally {
            proxy.close();
            clock.shutdownNow();
        }
    }
}
