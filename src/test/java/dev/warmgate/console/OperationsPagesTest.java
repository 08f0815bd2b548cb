package dev.warmgate.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.console.Operations.Drain;
import dev.warmgate.console.Operations.DrainResult;
import dev.warmgate.console.Operations.Reload;
import dev.warmgate.console.Operations.Result;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.RoundRobin;
import dev.warmgate.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What operators do at the admin port, and what its status codes tell scripts. */
@Timeout(60)
class OperationsPagesTest {
    private final Router router = new Router(List.of(new Pool(
            PoolSpec.of("main", List.of(EndpointSpec.of(URI.create("http://10.0.0.1:8000")))),
            new RoundRobin(),
            System::nanoTime,
            new Random(1))));
    private final FakeOperations operations = new FakeOperations();
    private final AdminServer admin;

    OperationsPagesTest() throws IOException {
        admin = AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                router,
                new Telemetry(router, "test"),
                () -> Readiness.READY,
                operations);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private record Answer(int status, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    private Answer send(String method, String path, String... headers) throws IOException {
        try (var socket =
                new Socket(admin.address().getAddress(), admin.address().getPort())) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Length: 0\r\n" + String.join("\r\n", headers)
                    + (headers.length > 0 ? "\r\n\r\n" : "\r\n");
            socket.getOutputStream().write(request.getBytes(UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return new Answer(
                    Integer.parseInt(answer.split(" ", 3)[1]), answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }

    @Test
    void reloadTellsWhatBecameOfIt() throws Exception {
        assertThat(send("POST", "/admin/reload").status()).isEqualTo(200);
        operations.reload = new Reload(Instant.EPOCH, "test", Result.APPLIED, List.of("timeouts.idle: 1m"), List.of());
        var applied = send("POST", "/admin/reload");
        assertThat(applied.status()).isEqualTo(200);
        assertThat(applied.json().at("/result").stringValue()).isEqualTo("applied");
        assertThat(applied.json().at("/changes/0").stringValue()).isEqualTo("timeouts.idle: 1m");
        operations.reload = new Reload(Instant.EPOCH, "test", Result.REJECTED, List.of(), List.of("x.yaml:1: wrong"));
        var rejected = send("POST", "/admin/reload");
        assertThat(rejected.status()).isEqualTo(422);
        assertThat(rejected.json().at("/problems/0").stringValue()).isEqualTo("x.yaml:1: wrong");
        operations.reload = new Reload(Instant.EPOCH, "test", Result.NO_FILE, List.of(), List.of());
        assertThat(send("POST", "/admin/reload").status()).isEqualTo(409);
        assertThat(operations.asked).containsOnly("reload").hasSize(4);
    }

    @Test
    void drainAnswersWhenEmptyAndSaysWhatIsLeft() throws Exception {
        assertThat(send("POST", "/admin/endpoints/10.0.0.1:8000/drain").status())
                .isEqualTo(200);
        operations.drain = new Drain(DrainResult.DRAINING, 3);
        var going = send("POST", "/admin/endpoints/%5B::1%5D:8000/drain");
        assertThat(going.status()).isEqualTo(202);
        assertThat(going.json().at("/inFlight").intValue()).isEqualTo(3);
        assertThat(send("POST", "/admin/endpoints/e/drain?wait=30s").status()).isEqualTo(504);
        operations.drain = new Drain(DrainResult.TAKEN_BACK, 1);
        assertThat(send("POST", "/admin/endpoints/e/drain?x=1&wait=2m").status())
                .isEqualTo(409);
        operations.drain = null;
        assertThat(send("POST", "/admin/endpoints/nobody/drain").status()).isEqualTo(404);
        assertThat(operations.asked)
                .containsExactly(
                        "drain 10.0.0.1:8000 PT0S",
                        "drain [::1]:8000 PT0S",
                        "drain e PT30S",
                        "drain e PT2M",
                        "drain nobody PT0S");
        for (String wrong : List.of("wait=30", "wait=", "wait=-1s", "wait=25h", "wait=1d")) {
            assertThat(send("POST", "/admin/endpoints/e/drain?" + wrong).status())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(operations.asked).hasSize(5);
    }

    @Test
    void undrainTakesBack() throws Exception {
        assertThat(send("POST", "/admin/endpoints/e/undrain").status()).isEqualTo(200);
        operations.undrained = false;
        assertThat(send("POST", "/admin/endpoints/e/undrain").status()).isEqualTo(409);
        operations.undrained = null;
        assertThat(send("POST", "/admin/endpoints/e/undrain").status()).isEqualTo(404);
    }

    @Test
    void onlyPostChangesAnything() throws Exception {
        for (String path : List.of("/admin/reload", "/admin/endpoints/e/drain", "/admin/endpoints/e/undrain")) {
            for (String method : List.of("GET", "HEAD", "PUT", "DELETE")) {
                assertThat(send(method, path).status())
                        .as("%s %s", method, path)
                        .isEqualTo(405);
            }
        }
        assertThat(send("POST", "/admin/endpoints/drain").status()).isEqualTo(404);
        assertThat(send("POST", "/admin/config").status()).isEqualTo(405);
        assertThat(operations.asked).isEmpty();
    }

    /** What browsers send for a form or a script of another site; no browser lets a page leave these fields out. */
    @Test
    void aWebPageOfAnotherSiteChangesNothing() throws Exception {
        String own = "Origin: http://localhost";
        for (String[] headers : List.of(
                new String[] {"Origin: http://evil.example"},
                new String[] {"Origin: null"},
                new String[] {"Origin: https://localhost"},
                new String[] {"Origin: http://localhost:8080"},
                new String[] {"Sec-Fetch-Site: cross-site"},
                new String[] {"Sec-Fetch-Site: same-site"},
                new String[] {own, "Sec-Fetch-Site: cross-site"})) {
            for (String path : List.of("/admin/reload", "/admin/endpoints/e/drain")) {
                assertThat(send("POST", path, headers).status())
                        .as("%s %s", path, String.join(", ", headers))
                        .isEqualTo(403);
            }
        }
        assertThat(operations.asked).isEmpty();
        assertThat(send("POST", "/admin/reload", own, "Sec-Fetch-Site: same-origin")
                        .status())
                .isEqualTo(200);
        assertThat(send("POST", "/admin/reload", "Sec-Fetch-Site: none").status())
                .isEqualTo(200);
    }

    @Test
    void theConfigurationInForceIsShownAndWhereEndpointsComeFrom() throws Exception {
        var page = send("GET", "/admin/config").json();
        assertThat(page.at("/version").intValue()).isEqualTo(3);
        assertThat(page.at("/hash").stringValue()).isEqualTo("0123456789abcdef");
        assertThat(page.at("/lastReload/result").stringValue()).isEqualTo("unchanged");
        assertThat(page.at("/sources/0/failure").stringValue()).isEqualTo("cannot be read");
        assertThat(page.at("/sources/0/problems/0").stringValue()).isEqualTo("a problem");
        assertThat(page.at("/leftOut/0").stringValue()).isEqualTo("left out");
        var endpoint = send("GET", "/endpoints").json().at("/pools/0/endpoints/0");
        assertThat(endpoint.at("/source").stringValue()).isEqualTo("origin of 10.0.0.1:8000");
        assertThat(endpoint.at("/state").stringValue()).isEqualTo("active");
    }
}
