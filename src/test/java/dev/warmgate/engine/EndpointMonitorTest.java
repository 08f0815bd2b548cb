package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Warm;
import dev.warmgate.router.prefix.PromptHasher;
import dev.warmgate.router.quarantine.Standing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EndpointMonitorTest {
    /** Ejections last so long that only a passing check can end them within a test. */
    private static final HealthPolicy CHECKS_DECIDE = new HealthPolicy(3, Duration.ofHours(1), Duration.ofHours(1));

    private static final MonitorSettings QUICK = new MonitorSettings(
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofHours(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            null);

    private final FakeEngine engine = fakeEngine();

    private static FakeEngine fakeEngine() {
        try {
            return new FakeEngine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Router router;
    private ModelCatalog catalog;
    private @Nullable EndpointMonitor monitor;

    @BeforeEach
    void prepare() {
        watch(engine.address());
    }

    @AfterEach
    void close() {
        if (monitor != null) {
            monitor.close();
        }
        engine.close();
    }

    private void watch(URI... addresses) {
        var specs = Arrays.stream(addresses).map(EndpointSpec::of).toList();
        var spec = new PoolSpec("main", specs, Set.of(), CHECKS_DECIDE, 100_000, 1 << 20);
        router = new Router(List.of(new Pool(spec, new Warm(), System::nanoTime, new Random(1))));
        catalog = new ModelCatalog(router);
    }

    private void start(MonitorSettings settings) {
        monitor = EndpointMonitor.start(
                router, settings, EngineLinks.plain(), Map.of(), catalog, () -> 77, new SplittableRandom(1));
    }

    private void startAndAwaitFirstRound(MonitorSettings settings) throws InterruptedException {
        start(settings);
        assertThat(monitor().awaitFirstRound(Duration.ofSeconds(30))).isTrue();
    }

    private EndpointMonitor monitor() {
        return Objects.requireNonNull(monitor);
    }

    private Endpoint endpoint() {
        return router.pools().getFirst().endpoints().getFirst();
    }

    @Test
    void aCheckThatFailsBehindFailedRequestsIsADeath() throws InterruptedException {
        startAndAwaitFirstRound(QUICK);
        router.quarantine().fell(7, "r-7", endpoint().name());
        assertThat(router.quarantine().standing(7)).isEqualTo(Standing.FREE);
        engine.healthStatus = 500;
        await().until(() -> router.quarantine().standing(7) == Standing.MARKED);
    }

    @Test
    void learnsEverythingInTheFirstRound() throws InterruptedException {
        engine.metrics = new String(Resources.bytes("vllm-metrics.txt"), StandardCharsets.UTF_8);
        startAndAwaitFirstRound(MonitorSettings.DEFAULT);
        assertThat(endpoint().available()).isTrue();
        assertThat(endpoint().models()).containsExactly("m");
        assertThat(endpoint().engineLoad()).satisfies(load -> {
            assertThat(load.nanoTime()).isEqualTo(77);
            assertThat(load.running()).isEqualTo(8);
            assertThat(load.kvCapacityTokens()).isEqualTo(8192);
        });
        assertThat(new String(catalog.openAiList(), StandardCharsets.UTF_8)).contains("\"id\":\"m\"");
        assertThat(monitor().engine(endpoint().name())).isEqualTo(EngineKind.VLLM);
        assertThat(monitor().failures()).isEqualTo(new EndpointMonitor.Failures(0, 0, 0));
    }

    @Test
    void followsEndpointsThatComeAndGo() throws Exception {
        startAndAwaitFirstRound(QUICK);
        var pool = router.pools().getFirst();
        try (var other = new FakeEngine()) {
            other.models = "{\"object\":\"list\",\"data\":[{\"id\":\"n\",\"object\":\"model\"}]}";
            monitor().engines(Map.of(other.address().getAuthority(), EngineKind.SGLANG));
            pool.reconfigure(
                    PoolSpec.of("main", List.of(EndpointSpec.of(other.address()))),
                    AdmissionSettings.DEFAULT,
                    new Warm());
            await().until(() ->
                    other.modelReads.get() > 0 && Set.of("n").equals(endpoint().models()));
            assertThat(monitor().engine(endpoint().name())).isEqualTo(EngineKind.SGLANG);
            await().untilAsserted(() -> assertThat(new String(catalog.openAiList(), StandardCharsets.UTF_8))
                    .contains("\"id\":\"n\"")
                    .doesNotContain("\"id\":\"m\""));
            // One question may be under way when its endpoint goes; after that it is not asked again.
            int checks = other.checks.get();
            int before = engine.checks.get();
            await().until(() -> other.checks.get() > checks + 5);
            assertThat(engine.checks.get()).isLessThanOrEqualTo(before + 1);
        }
    }

    @Test
    void aServerWithNoneOfThePagesIsAlive() throws InterruptedException {
        engine.healthStatus = 404;
        engine.metricsStatus = 404;
        engine.modelsStatus = 401;
        startAndAwaitFirstRound(MonitorSettings.DEFAULT);
        assertThat(endpoint().available()).isTrue();
        assertThat(endpoint().models()).isNull();
        assertThat(endpoint().engineLoad()).isNull();
        assertThat(monitor().failures()).isEqualTo(new EndpointMonitor.Failures(0, 1, 1));
    }

    @Test
    void anEndpointThatSays503IsOutUntilItRecovers() throws InterruptedException {
        engine.healthStatus = 503;
        startAndAwaitFirstRound(QUICK);
        assertThat(endpoint().available()).isFalse();
        assertThat(engine.modelReads).hasValue(0);
        engine.healthStatus = 200;
        await().until(() -> endpoint().available() && endpoint().models() != null);
    }

    @Test
    void readsModelsAgainAfterARecovery() throws InterruptedException {
        startAndAwaitFirstRound(QUICK);
        engine.models = "{\"data\":[{\"id\":\"new\"}]}";
        engine.healthStatus = 503;
        await().until(() -> !endpoint().available());
        engine.healthStatus = 200;
        await().until(() -> Set.of("new").equals(endpoint().models()));
        await().until(() -> new String(catalog.openAiList(), StandardCharsets.UTF_8).contains("\"id\":\"new\""));
    }

    @Test
    void keepsAskingForModelsUntilThereAreSome() throws InterruptedException {
        engine.modelsStatus = 500;
        startAndAwaitFirstRound(QUICK);
        await().until(() -> engine.modelReads.get() > 2);
        assertThat(endpoint().models()).isNull();
        engine.modelsStatus = 200;
        await().until(() -> endpoint().models() != null);
    }

    @Test
    void anEndpointThatRefusesConnectionsIsOut() throws IOException, InterruptedException {
        URI nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        watch(engine.address(), nobody);
        startAndAwaitFirstRound(QUICK);
        var endpoints = router.pools().getFirst().endpoints();
        assertThat(endpoints.getFirst().available()).isTrue();
        assertThat(endpoints.getLast().available()).isFalse();
        assertThat(monitor().failures().checks()).isPositive();
    }

    @Test
    void oneSlowCheckIsForgivenTwoInARowAreNot() throws InterruptedException {
        var impatient = new MonitorSettings(
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofHours(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                null);
        engine.hangsNextChecks = 1;
        startAndAwaitFirstRound(impatient);
        assertThat(endpoint().available()).isTrue();
        engine.hangs = true;
        await().until(() -> !endpoint().available());
    }

    @Test
    void failedMetricsLeaveTheOldOnes() throws InterruptedException {
        startAndAwaitFirstRound(QUICK);
        var load = endpoint().engineLoad();
        assertThat(load).isNotNull();
        engine.metricsStatus = 500;
        await().until(() -> monitor().failures().metrics() > 2);
        assertThat(endpoint().engineLoad()).isEqualTo(load);
        assertThat(endpoint().available()).isTrue();
    }

    @Test
    void metricsThatAreTooLongAreNotRead() throws InterruptedException {
        engine.metrics = "vllm:num_requests_running 1\n" + "# filler\n".repeat(1 << 19);
        startAndAwaitFirstRound(QUICK);
        assertThat(endpoint().engineLoad()).isNull();
        assertThat(endpoint().models()).containsExactly("m");
    }

    @Test
    void forgetsWhatARestartedEngineHeld() throws InterruptedException {
        engine.metrics = "vllm:num_requests_running 0\nvllm:prompt_tokens_total 500\n";
        startAndAwaitFirstRound(QUICK);
        assertThat(cachedTokensOfTheSamePrompt()).isZero();
        assertThat(cachedTokensOfTheSamePrompt()).isPositive();
        engine.metrics = "vllm:num_requests_running 0\nvllm:prompt_tokens_total 20\n";
        await().until(() -> {
            var load = endpoint().engineLoad();
            return load != null && load.promptTokens() == 20;
        });
        assertThat(cachedTokensOfTheSamePrompt()).isZero();
    }

    private int cachedTokensOfTheSamePrompt() {
        var hasher = new PromptHasher(1);
        byte[] text = "What is the meaning of this? ".repeat(100).getBytes(StandardCharsets.UTF_8);
        hasher.beginMessage("user");
        hasher.text(text, 0, text.length);
        hasher.endMessage();
        var result = router.route(new InferenceRequest("m", hasher.finish(), -1, null), Set.of());
        assertThat(result).isInstanceOf(RouteResult.Routed.class);
        var reservation = ((RouteResult.Routed) result).reservation();
        reservation.settle(Usage.UNKNOWN);
        return reservation.decision().cachedTokens();
    }

    @Test
    void aServerThatTricklesItsHeaderDoesNotHoldTheMonitor() throws IOException, InterruptedException {
        var done = new CountDownLatch(1);
        try (var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var trickler = Thread.ofVirtual().start(() -> trickle(socket, done));
            watch(URI.create("http://127.0.0.1:" + socket.getLocalPort()));
            startAndAwaitFirstRound(new MonitorSettings(
                    Duration.ofMillis(20),
                    Duration.ofMillis(20),
                    Duration.ofHours(1),
                    Duration.ofMillis(300),
                    Duration.ofMillis(300),
                    null));
            assertThat(endpoint().available()).isFalse();
            done.countDown();
            trickler.interrupt();
        }
    }

    /** Sends one byte of an endless header within every read timeout. */
    private static void trickle(ServerSocket socket, CountDownLatch done) {
        while (done.getCount() > 0) {
            try (var connection = socket.accept()) {
                var out = connection.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\nX-Endless: ".getBytes(StandardCharsets.US_ASCII));
                while (!done.await(50, TimeUnit.MILLISECONDS)) {
                    out.write('x');
                }
            } catch (IOException e) {
                // The monitor gave up on this connection.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Test
    void closingEndsAQuestionUnderWay() {
        engine.hangs = true;
        start(new MonitorSettings(
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofHours(1),
                Duration.ofHours(1),
                Duration.ofHours(1),
                null));
        await().until(() -> engine.checks.get() == 1);
        monitor().close();
        await().until(() -> !monitor().running());
        assertThat(endpoint().available()).isTrue();
    }
}
