package dev.warmgate.twin.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.twin.load.FakeEngine;
import dev.warmgate.twin.report.EndpointSample;
import dev.warmgate.twin.report.LiveState;
import dev.warmgate.twin.report.LiveView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

@Timeout(60)
class DemoTest {
    private static final Duration WARM_UP = Duration.ofMillis(100);

    private final Recorder view = new Recorder();
    private final AtomicInteger open = new AtomicInteger();
    private final List<String> policies = new CopyOnWriteArrayList<>();

    @Test
    void offersTheSameLoadToEveryPolicyAndWritesTheReports(@TempDir Path folder) throws Exception {
        var settings = settings(folder);
        var comparison = new Demo(settings, this::fleet, this::gateway, view, WARM_UP).run();

        assertThat(policies).containsExactly("warm", "round-robin", "warm");
        assertThat(open).hasValue(0);
        var first = comparison.figures().get(0);
        var second = comparison.figures().get(1);
        assertThat(first.requests())
                .isEqualTo(DemoLoad.of(settings).requests())
                .isEqualTo(second.requests())
                .isPositive();
        assertThat(first.failures()).isEmpty();
        assertThat(second.failures()).isEmpty();

        var json = settings.json();
        assertThat(json).isNotNull();
        var figures = new ObjectMapper().readTree(Files.readString(json)).path("policies");
        assertThat(figures.path("warm").path("completed").intValue()).isEqualTo(second.completed());
        assertThat(Files.readString(settings.html())).contains("./warmgate demo --policies round-robin,warm");
        assertThat(view.states).extracting(LiveState::current).contains(0, 1);
        assertThat(view.lines).anyMatch(line -> line.startsWith("TTFT p99"));
    }

    @Test
    void closesWhatItStartedWhenTheGatewayCannotStart(@TempDir Path folder) {
        DemoGateway.Factory broken = (_, _) -> {
            throw new IllegalStateException("no gateway today");
        };
        assertThatThrownBy(() -> new Demo(settings(folder), this::fleet, broken, view, WARM_UP).run())
                .hasMessage("no gateway today");
        assertThat(open).hasValue(0);
    }

    @Test
    void closesWhatItStartedWhenInterrupted(@TempDir Path folder) throws Exception {
        var thrown = new AtomicReference<Throwable>();
        var demo = Thread.ofPlatform().start(() -> {
            try {
                new Demo(settings(folder), this::fleet, this::gateway, view, Duration.ofSeconds(50)).run();
            } catch (IOException | InterruptedException e) {
                thrown.set(e);
            }
        });
        await().untilAsserted(() -> assertThat(open).hasValue(2));
        demo.interrupt();
        demo.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(open).hasValue(0);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> new DemoSettings(
                        List.of("warm", "warm"), 8, 1, Duration.ofSeconds(1), 20, null, Path.of("x.html")))
                .hasMessage("policies: [warm, warm] (expected: at least one, none twice)");
        assertThatThrownBy(() ->
                        new DemoSettings(List.of("warm"), 0, 1, Duration.ofSeconds(1), 20, null, Path.of("x.html")))
                .hasMessage("replicas: 0 (expected: 1 to 64)");
        assertThatThrownBy(() ->
                        new DemoSettings(List.of("warm"), 8, 1, Duration.ofMillis(9), 20, null, Path.of("x.html")))
                .hasMessage("duration: PT0.009S (expected: at least 1 s)");
        assertThatThrownBy(() ->
                        new DemoSettings(List.of("warm"), 8, 1, Duration.ofSeconds(1), 0, null, Path.of("x.html")))
                .hasMessage("speed-up: 0.0 (expected: above 0, at most 100)");
    }

    private static DemoSettings settings(Path folder) {
        return new DemoSettings(
                DemoSettings.DEFAULT_POLICIES,
                2,
                7,
                Duration.ofSeconds(1),
                20,
                folder.resolve("demo.json"),
                folder.resolve("demo.html"));
    }

    private Fleet fleet(int replicas, double speedUp) {
        FakeEngine engine;
        try {
            engine = new FakeEngine(FakeEngine.words("an ", "answer"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.incrementAndGet();
        return new Fleet() {
            @Override
            public List<URI> addresses() {
                return List.of(engine.address());
            }

            @Override
            public List<EndpointSample> sample() {
                return List.of(new EndpointSample(1, 0, 0.5, 100L * replicas, 60));
            }

            @Override
            public void close() {
                try {
                    engine.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                open.decrementAndGet();
            }
        };
    }

    private DemoGateway gateway(String policy, List<URI> endpoints) {
        policies.add(policy);
        open.incrementAndGet();
        return new DemoGateway() {
            @Override
            public URI address() {
                return endpoints.getFirst();
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    private static final class Recorder implements LiveView {
        final List<String> lines = new CopyOnWriteArrayList<>();
        final List<LiveState> states = new CopyOnWriteArrayList<>();

        @Override
        public void say(String line) {
            lines.add(line);
        }

        @Override
        public void show(LiveState state) {
            states.add(state);
        }

        @Override
        public void close() {}
    }
}
