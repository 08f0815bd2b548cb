package dev.warmgate.picker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Router;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.Trace;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.quarantine.Quarantine;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A picker over endpoints that need not exist, round robin from the first, with everything its observer was told. */
final class PickerFixture implements AutoCloseable {
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final Queue<RequestReport> reports = new ConcurrentLinkedQueue<>();
    private final Pool pool;
    private final Router router;
    private final PickerServer server;
    private final ManagedChannel channel;
    private volatile boolean traced;

    /** An endpoint that is down gets nothing, though it is the only one. */
    private static final HealthPolicy NO_PANIC = new HealthPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** What tests set about a picker; what they do not say is as usual. */
    static final class Options {
        private final PickerSettings usual =
                PickerSettings.defaults(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        private PickerTls tls = usual.tls();
        private int maxBodyBytes = usual.maxBodyBytes();
        private PickerTimeouts timeouts = usual.timeouts();
        private int fallbacks = usual.fallbacks();
        private boolean failOpen = usual.failOpen();
        private boolean conformance;
        private long kvTokens = 1_000_000;
        private Access access = Access.OPEN;
        private RoutingPolicy policy = Objects.requireNonNull(Policies.create("round-robin"));
        private List<String> endpoints = List.of("10.0.0.1:8000", "10.0.0.2:8000", "[fd00::3]:8000");

        Options tls(PickerTls other) {
            tls = other;
            return this;
        }

        Options maxBodyBytes(int most) {
            maxBodyBytes = most;
            return this;
        }

        Options bodyTimeout(Duration most) {
            timeouts = new PickerTimeouts(most, timeouts.firstBody(), timeouts.firstByte(), timeouts.idle());
            return this;
        }

        Options answerTimeouts(Duration firstByte, Duration idle) {
            timeouts = new PickerTimeouts(timeouts.body(), timeouts.firstBody(), firstByte, idle);
            return this;
        }

        Options fallbacks(int count) {
            fallbacks = count;
            return this;
        }

        Options failOpen(boolean open) {
            failOpen = open;
            return this;
        }

        Options conformance() {
            conformance = true;
            return this;
        }

        Options kvTokens(long other) {
            kvTokens = other;
            return this;
        }

        Options access(Access other) {
            access = other;
            return this;
        }

        Options policy(RoutingPolicy other) {
            policy = other;
            return this;
        }

        Options endpoints(String... other) {
            endpoints = List.of(other);
            return this;
        }

        private PickerSettings settings() {
            return new PickerSettings(
                    usual.listen(),
                    null,
                    tls,
                    usual.eventLoops(),
                    maxBodyBytes,
                    timeouts,
                    fallbacks,
                    failOpen,
                    conformance);
        }
    }

    PickerFixture() {
        this(new Options());
    }

    PickerFixture(Options options) {
        var specs = new ArrayList<EndpointSpec>();
        options.endpoints.forEach(address -> specs.add(EndpointSpec.of(URI.create("http://" + address))));
        pool = new Pool(
                new PoolSpec("pool", specs, Set.of("m"), NO_PANIC, options.kvTokens, 1 << 20),
                AdmissionSettings.DEFAULT,
                options.policy,
                System::nanoTime,
                new Random(1));
        router = new Router(List.of(pool));
        long tick = Router.TICK.toNanos();
        var _ = clock.scheduleWithFixedDelay(router::tick, tick, tick, TimeUnit.NANOSECONDS);
        server = PickerServer.start(options.settings(), router, options.access, 42, new RequestObserver() {
            @Override
            public void ended(RequestReport report) {
                reports.add(report);
            }

            @Override
            public boolean traces() {
                return traced;
            }

            @Override
            public Trace begun(@Nullable String traceParent) {
                return new Trace("4bf92f3577b34da6a3ce929d0e0e4736", "53995c3f42cd8ad8", traceParent, true);
            }
        });
        channel =
                NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    }

    /** Opens another connection, to be shut down by whoever asks. */
    ManagedChannel connect() {
        return NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    }

    /** Returns the reports of requests that have ended. */
    List<RequestReport> reports() {
        return List.copyOf(reports);
    }

    /** Begins what a gateway begins for each request. */
    GatewayCall call() {
        return new GatewayCall(channel);
    }

    /** Begins to trace: a request's parent is what it was given, as it is. */
    void trace() {
        traced = true;
    }

    Pool pool() {
        return pool;
    }

    Endpoint endpoint(int i) {
        return pool.endpoints().get(i);
    }

    Quarantine quarantine() {
        return router.quarantine();
    }

    long refusedTlsFiles() {
        return server.refusedTlsFiles();
    }

    InetSocketAddress address() {
        return server.address();
    }

    int port() {
        return server.address().getPort();
    }

    /** Stops answering gateways, as a picker that died. */
    void stopServing() {
        server.close();
    }

    /** Waits for reports of so many requests in all and returns the last. */
    RequestReport report(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> reports.size() >= count);
        assertThat(reports).hasSize(count);
        return new ArrayList<>(reports).getLast();
    }

    /** Waits for one report and checks how that request ended. */
    RequestReport ended(Outcome outcome) {
        var report = report(1);
        assertThat(report.outcome()).isEqualTo(outcome);
        return report;
    }

    /** Checks that nothing is held once nothing is asked. */
    void assertAtRest() {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(server.inFlight()).as("open calls").isZero();
            assertThat(pool.openReservations()).as("open reservations").isZero();
            assertThat(pool.waiting()).as("waiting").isZero();
            pool.endpoints().forEach(e -> assertThat(e.inFlight()).as(e.name()).isZero());
        });
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        clock.shutdownNow();
    }
}
