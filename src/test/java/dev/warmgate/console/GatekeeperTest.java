package dev.warmgate.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.RoundRobin;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets in at the admin port; requests byte by byte, because HTTP clients do not let a test choose the Host. */
@Timeout(60)
class GatekeeperTest {
    private static final String TOKEN = "an-admin-token-0123";
    private static final List<String> NEED_PERMISSION = List.of("/", "/metrics", "/endpoints", "/admin/queues", "/x");

    private final Router router = new Router(List.of(new Pool(
            PoolSpec.of("main", List.of(EndpointSpec.of(URI.create("http://10.0.0.1:8000")))),
            new RoundRobin(),
            System::nanoTime,
            new Random(1))));
    private final AdminServer open = start(null);
    private final AdminServer guarded = start(ApiKey.parse(TOKEN));

    private AdminServer start(@Nullable ApiKey token) {
        try {
            return AdminServer.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    token,
                    router,
                    new Telemetry(router, "test"),
                    () -> Readiness.READY,
                    new FakeOperations());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        open.close();
        guarded.close();
    }

    private record Answer(int status, String head) {}

    private static Answer get(AdminServer admin, String path, String... headers) throws IOException {
        return send(admin, "GET", path, headers);
    }

    private static Answer send(AdminServer admin, String method, String path, String... headers) throws IOException {
        try (var socket =
                new Socket(admin.address().getAddress(), admin.address().getPort())) {
            String request = method + " " + path + " HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n"
                    + String.join("\r\n", headers) + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            return new Answer(Integer.parseInt(answer.split(" ", 3)[1]), answer);
        }
    }

    @Test
    void withATokenOnlyThoseWhoPresentItGetIn() throws Exception {
        for (String path : NEED_PERMISSION) {
            var answer = get(guarded, path, "Host: 127.0.0.1");
            assertThat(answer.status()).as(path).isEqualTo(401);
            assertThat(answer.head().toLowerCase(Locale.ROOT)).contains("www-authenticate: bearer");
        }
        for (String wrong :
                List.of("Bearer", "Bearer ", "Bearer x", "Bearer " + TOKEN + "x", "Basic " + TOKEN, TOKEN)) {
            assertThat(get(guarded, "/metrics", "Authorization: " + wrong).status())
                    .as(wrong)
                    .isEqualTo(401);
        }
        assertThat(guarded.refused()).isEqualTo(NEED_PERMISSION.size() + 6);
        assertThat(get(guarded, "/metrics", "Host: any.example", "Authorization: Bearer " + TOKEN)
                        .status())
                .isEqualTo(200);
        assertThat(get(guarded, "/metrics", "authorization: bearer  " + TOKEN + " ")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void probesNeedNoTokenAndAnyNameWillDo() throws Exception {
        for (var admin : List.of(open, guarded)) {
            for (String path : List.of("/healthz", "/readyz")) {
                assertThat(get(admin, path, "Host: 10.1.2.3:9090").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void withoutATokenTheHostMustBeLoopback() throws Exception {
        for (String host :
                List.of("localhost", "LOCALHOST:9090", "127.0.0.1", "127.9.9.9:1", "[::1]:9090", "a.localhost")) {
            assertThat(get(open, "/metrics", "Host: " + host).status()).as(host).isEqualTo(200);
        }
        for (String host : List.of(
                "evil.example",
                "evil.example:9090",
                "10.0.0.1",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "evil.example/127.0.0.1",
                "127.0.0.1@evil.example",
                "notlocalhost",
                "[::2]",
                "")) {
            for (String path : NEED_PERMISSION) {
                assertThat(get(open, path, "Host: " + host).status())
                        .as("%s at %s", path, host)
                        .isEqualTo(421);
            }
        }
    }

    @Test
    void withoutATokenOnlyLoopbackIsListenedOn() {
        assertThatThrownBy(() -> AdminServer.start(
                        new InetSocketAddress("0.0.0.0", 0),
                        null,
                        router,
                        new Telemetry(router, "test"),
                        () -> Readiness.READY,
                        new FakeOperations()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: a loopback address, or a token");
    }
}
