package dev.warmgate.twin.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.door.Access;
import dev.warmgate.proxy.Models;
import dev.warmgate.proxy.ProxyServer;
import dev.warmgate.proxy.ProxySettings;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Router;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.twin.report.PlainView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo with everything real: simulated servers, gateway and load over sockets. */
@Timeout(120)
class DemoOverTwinsTest {
    private final List<URI> addresses = new CopyOnWriteArrayList<>();

    @Test
    void completesEveryRequestAndFreesItsPorts(@TempDir Path folder) throws Exception {
        var settings = new DemoSettings(
                List.of("round-robin", "warm"), 2, 3, Duration.ofSeconds(1), 60, null, folder.resolve("demo.html"));
        var bytes = new ByteArrayOutputStream();
        var view = new PlainView(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        var comparison = new Demo(settings, new TwinFleets(), this::gateway, view, Duration.ofMillis(200)).run();

        assertThat(comparison.figures()).hasSize(2).allSatisfy(figures -> {
            assertThat(figures.failures()).isEmpty();
            assertThat(figures.completed())
                    .isEqualTo(DemoLoad.of(settings).requests())
                    .isGreaterThan(20);
            // Every session begins with the same harness prompt, so even the blind policy finds some of it cached.
            assertThat(figures.hitRatio()).isBetween(0.2, 1.0);
            assertThat(figures.itl().mean()).isPositive();
            assertThat(figures.outputTokensPerSecond()).isPositive();
        });
        assertThat(comparison.runs().getFirst().samples()).isNotEmpty();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("TTFT mean", "Report: ");
        for (var address : addresses) {
            assertThatThrownBy(() -> new Socket(address.getHost(), address.getPort()).close())
                    .isInstanceOf(IOException.class);
        }
    }

    private record NoModels() implements Models {
        @Override
        public byte[] list(boolean forAnthropic) {
            return new byte[0];
        }

        @Override
        public byte @Nullable [] find(String id, boolean forAnthropic) {
            return null;
        }
    }

    private DemoGateway gateway(String policy, List<URI> endpoints) {
        var pool = new Pool(
                PoolSpec.of("demo", endpoints.stream().map(EndpointSpec::of).toList()),
                AdmissionSettings.DEFAULT.disabled(),
                Objects.requireNonNull(Policies.create(policy)),
                System::nanoTime,
                new SplittableRandom(1));
        var server = ProxyServer.start(
                ProxySettings.defaults(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                new Router(List.of(pool)),
                Access.OPEN,
                1,
                new NoModels(),
                new Silent());
        var address = URI.create("http://127.0.0.1:" + server.address().getPort());
        addresses.addAll(endpoints);
        addresses.add(address);
        return new DemoGateway() {
            @Override
            public URI address() {
                return address;
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }

    private static final class Silent implements RequestObserver {
        @Override
        public void ended(RequestReport report) {}

        @Override
        public void retried(String pool, String endpoint, FailureKind kind) {}
    }
}
