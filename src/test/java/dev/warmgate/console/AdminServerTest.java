package dev.warmgate.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.Router;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.RoundRobin;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class AdminServerTest {
    private final Router router = new Router(List.of(new Pool(
            new PoolSpec(
                    "main",
                    List.of(
                            new EndpointSpec("e0", URI.create("http://10.0.0.1:8000"), 1, Role.BOTH),
                            new EndpointSpec("e1", URI.create("http://10.0.0.2:8000"), 1, Role.BOTH)),
                    Set.of(),
                    HealthPolicy.DEFAULT,
                    100,
                    1 << 20),
            new RoundRobin(),
            System::nanoTime,
            new Random(1))));
    private final AtomicReference<Supplier<Readiness>> readiness = new AtomicReference<>(() -> Readiness.READY);
    private final FakeOperations operations = new FakeOperations();
    private final AdminServer admin;
    private final HttpClient client = HttpClient.newHttpClient();

    AdminServerTest() throws IOException {
        admin = AdminServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                router,
                new Telemetry(router, "test"),
                () -> readiness.get().get(),
                operations);
    }

    @AfterEach
    void close() {
        admin.close();
        client.shutdownNow();
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + admin.address().getPort() + path);
        var request = HttpRequest.newBuilder(uri)
                .method(method, BodyPublishers.noBody())
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Test
    void isHealthyWhileItLives() throws Exception {
        var answer = send("GET", "/healthz");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok\n");
    }

    @Test
    void saysWhyItIsNotReady() throws Exception {
        assertThat(send("GET", "/readyz").statusCode()).isEqualTo(200);
        readiness.set(() -> Readiness.notReady("draining, 3 requests in flight"));
        var answer = send("GET", "/readyz");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("not ready: draining, 3 requests in flight\n");
    }

    @Test
    void servesMetricsInTheFormatAskedFor() throws Exception {
        var answer = send("GET", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(answer.body()).contains("warmgate_endpoint_available{endpoint=\"e0\",pool=\"main\"} 1.0\n");
    }

    @Test
    void describesPoolsAndEndpoints() throws Exception {
        var endpoint = router.pools().getFirst().endpoints().getFirst();
        endpoint.models(Set.of("b", "a"));
        endpoint.engineLoad(new EngineLoad(System.nanoTime(), 3, 1, Double.NaN, -1, 100, 40));
        endpoint.reportCheck(false);
        var answer = send("GET", "/endpoints");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        var pool = JsonMapper.shared().readTree(answer.body()).at("/pools/0");
        assertThat(pool.get("name").stringValue()).isEqualTo("main");
        assertThat(pool.get("policy").stringValue()).isEqualTo("round-robin");
        assertThat(pool.get("models").toString()).isEqualTo("[\"a\",\"b\"]");
        var first = pool.at("/endpoints/0");
        assertThat(first.get("name").stringValue()).isEqualTo("e0");
        assertThat(first.get("address").stringValue()).isEqualTo("http://10.0.0.1:8000");
        assertThat(first.get("state").stringValue()).isEqualTo("active");
        assertThat(first.get("condition").stringValue()).isEqualTo("gone");
        assertThat(first.get("shareOfUsualWork").doubleValue()).isEqualTo(1.0);
        assertThat(pool.get("panic").booleanValue()).isFalse();
        assertThat(first.get("available").booleanValue()).isFalse();
        assertThat(first.get("inFlight").intValue()).isZero();
        assertThat(first.at("/engine/running").intValue()).isEqualTo(3);
        assertThat(first.at("/engine/kvUsage").isNull()).isTrue();
        assertThat(first.at("/engine/kvCapacityTokens").isNull()).isTrue();
        assertThat(first.get("hitShare").isNull()).isTrue();
        var second = pool.at("/endpoints/1");
        assertThat(second.get("available").booleanValue()).isTrue();
        assertThat(second.get("models").isNull()).isTrue();
        assertThat(second.get("engine").isNull()).isTrue();
    }

    @Test
    void saysWhoWaitsSinceWhenForWhat() throws Exception {
        var user = new Standing(-5, "chat", "chat/u17", 2, Standing.NONE, Standing.NONE, Standing.NONE);
        for (int i = 0; i < 4; i++) {
            router.admit(new InferenceRequest("m", PromptBlocks.EMPTY, -1, null).with(user, 700), _ -> {});
        }
        var answer = send("GET", "/admin/queues");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        var pool = JsonMapper.shared().readTree(answer.body()).at("/pools/0");
        assertThat(pool.get("name").stringValue()).isEqualTo("main");
        assertThat(pool.get("enabled").booleanValue()).isTrue();
        assertThat(pool.get("waiting").intValue()).isEqualTo(2);
        assertThat(pool.get("waitingBytes").intValue()).isEqualTo(1_400);
        var band = pool.at("/bands/0");
        assertThat(band.get("priority").intValue()).isEqualTo(-5);
        assertThat(band.get("inFlight").intValue()).isEqualTo(2);
        assertThat(band.get("minShare").doubleValue()).isEqualTo(0.05);
        assertThat(band.get("openToNewSessions").booleanValue()).isTrue();
        assertThat(band.get("oldestWaitSeconds").doubleValue()).isPositive();
        assertThat(pool.at("/waitFor")
                        .valueStream()
                        .mapToInt(place -> place.get("waiting").intValue()))
                .containsExactly(1, 1);
        assertThat(pool.at("/waitFor/0/endpoint").stringValue()).isEqualTo("e0");
        assertThat(pool.at("/tenants/0/weight").doubleValue()).isEqualTo(2);
        assertThat(pool.at("/tenants/0/receivedSeconds").doubleValue()).isPositive();
        var flow = pool.at("/flows/0");
        assertThat(flow.get("flow").stringValue()).isEqualTo("chat/u17");
        assertThat(flow.get("tenant").stringValue()).isEqualTo("chat");
        assertThat(flow.get("waiting").intValue()).isEqualTo(2);
        assertThat(flow.get("oldestWaitSeconds").doubleValue()).isPositive();
        assertThat(flow.get("oldestWaitsFor").stringValue()).isEqualTo("e0");
    }

    @Test
    void headHasTheHeadersAndNoBody() throws Exception {
        var answer = send("HEAD", "/healthz");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).contains("3");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void listsWhatIsThere() throws Exception {
        assertThat(send("GET", "/").body()).contains("/healthz", "/readyz", "/metrics", "/endpoints", "/admin/queues");
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        assertThat(send("GET", "/nothing").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/metrics/more").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/metrics?x=1").statusCode()).isEqualTo(200);
        var answer = send("POST", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void aFailingPageIsA500() throws Exception {
        readiness.set(() -> {
            throw new IllegalStateException("a mistake of ours");
        });
        assertThat(send("GET", "/readyz").statusCode()).isEqualTo(500);
        assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void answersTheRequestsOfAConnectionInOrder() throws Exception {
        String answers = exchange("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answers.lines().filter(line -> line.startsWith("HTTP/1.1 ")))
                .containsExactly("HTTP/1.1 200 OK", "HTTP/1.1 405 Method Not Allowed", "HTTP/1.1 200 OK");
        assertThat(answers).endsWith("ready\n");
    }

    @Test
    void refusesWhatIsNoRequest() throws Exception {
        assertThat(exchange("GET  HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(exchange("GET /|x HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(exchange("POST /admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
    }

    /** Sends bytes and returns what comes until the other side closes. */
    private String exchange(String requests) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), admin.address().getPort())) {
            socket.getOutputStream().write(requests.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }
}
