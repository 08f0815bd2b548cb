package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Warm;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check that asks for a token. */
@Timeout(60)
class GenerationCheckTest {
    private static final String ERROR = "data: {\"error\": {\"message\": \"EngineCore\"}}\n\ndata: [DONE]\n\n";

    /** Watches an engine that is asked for a token whenever it answered nothing for so long; never if null. */
    private static final class Watched implements AutoCloseable {
        final FakeEngine engine;
        final Endpoint endpoint;
        private final EndpointMonitor monitor;

        Watched(FakeEngine engine, @Nullable Duration generateInterval) {
            this.engine = engine;
            var pool = new Pool(
                    PoolSpec.of("main", List.of(EndpointSpec.of(engine.address()))),
                    new Warm(),
                    System::nanoTime,
                    new Random(1));
            var router = new Router(List.of(pool));
            endpoint = pool.endpoints().getFirst();
            var often = Duration.ofMillis(20);
            var settings = new MonitorSettings(
                    often, often, often, Duration.ofSeconds(5), Duration.ofSeconds(5), generateInterval);
            monitor = EndpointMonitor.start(router, settings, EngineLinks.plain(), Map.of(), new ModelCatalog(router));
        }

        void awaitChecks(int more) {
            int enough = engine.checks.get() + more;
            await().until(() -> engine.checks.get() >= enough);
        }

        @Override
        public void close() {
            monitor.close();
            engine.close();
        }
    }

    @Test
    void anEndpointThatAnsweredNothingHasToGiveAToken() throws Exception {
        try (var watched = new Watched(new FakeEngine(), Duration.ofMillis(50))) {
            await().until(() -> watched.engine.completions.get() >= 2);
            assertThat(watched.endpoint.available()).isTrue();
            assertThat(watched.engine.lastCompletion)
                    .contains("\"model\":\"m\"", "\"max_tokens\":1", "\"stream\":true");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "data: [DONE]\n\n", ERROR})
    void oneThatGivesNoneIsDownUntilItDoes(String answer) throws Exception {
        try (var watched = new Watched(new FakeEngine(), Duration.ofMillis(50))) {
            var good = watched.engine.completion;
            watched.engine.completion = answer;
            await().until(() -> !watched.endpoint.available());
            int asked = watched.engine.completions.get();
            watched.awaitChecks(3); // its health page is well all the time
            assertThat(watched.endpoint.available()).isFalse();
            assertThat(watched.engine.completions.get()).isGreaterThan(asked);
            watched.engine.completion = good;
            await().until(watched.endpoint::available);
        }
    }

    @Test
    void oneThatWasDownHasToGiveATokenFirst() throws Exception {
        var engine = new FakeEngine();
        engine.healthStatus = 503;
        engine.completionStatus = 500;
        try (var watched = new Watched(engine, Duration.ofHours(1))) {
            await().until(() -> !watched.endpoint.available());
            watched.endpoint.models(java.util.Set.of("m"));
            engine.healthStatus = 200;
            await().until(() -> engine.completions.get() > 2);
            assertThat(watched.endpoint.available()).isFalse();
            engine.completionStatus = 200;
            await().until(watched.endpoint::available);
        }
    }

    @Test
    void oneThatAnswersRequestsIsNotAsked() throws Exception {
        try (var watched = new Watched(new FakeEngine(), Duration.ofHours(1))) {
            watched.endpoint.reportSuccess();
            watched.awaitChecks(10);
            assertThat(watched.engine.completions).hasValue(0);
        }
        try (var watched = new Watched(new FakeEngine(), null)) {
            watched.awaitChecks(10);
            assertThat(watched.engine.completions).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 429, 501})
    void oneThatCannotBeAskedIsJudgedByItsPage(int status) throws Exception {
        var engine = new FakeEngine();
        engine.completionStatus = status;
        try (var watched = new Watched(engine, Duration.ofMillis(50))) {
            await().until(() -> engine.completions.get() >= 2);
            assertThat(watched.endpoint.available()).isTrue();
        }
    }
}
