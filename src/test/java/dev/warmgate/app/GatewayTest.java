package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** All rooms together, in-process. */
class GatewayTest {
    private static final String CHAT = "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final HttpClient client = HttpClient.newHttpClient();
    private final ByteArrayOutputStream accessLog = new ByteArrayOutputStream();

    private Gateway start(String... endpoints) throws Exception {
        var overrides = new Overrides("test", List.of(endpoints), "127.0.0.1:0", "127.0.0.1:0", "round-robin", "json");
        return Gateway.start(new ConfigLoader(Map.of()).load(overrides), accessLog);
    }

    private static URI uri(InetSocketAddress address, String path) {
        return URI.create("http://127.0.0.1:" + address.getPort() + path);
    }

    private HttpResponse<String> get(InetSocketAddress address, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(address, path)).build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> chat(Gateway gateway) {
        var request = HttpRequest.newBuilder(uri(gateway.httpAddress(), "/v1/chat/completions"))
                .POST(BodyPublishers.ofString(CHAT))
                .build();
        return client.sendAsync(request, BodyHandlers.ofString());
    }

    @Test
    void aStartedGatewayIsReadyAndServesCountsAndLogs() throws Exception {
        try (var endpoint = new SlowEndpoint();
                var gateway = start(endpoint.url())) {
            endpoint.letGo();
            assertThat(get(gateway.adminAddress(), "/readyz").statusCode()).isEqualTo(200);
            await().untilAsserted(() ->
                    assertThat(get(gateway.httpAddress(), "/v1/models").body()).contains("\"tiny\""));
            var answer = chat(gateway).get();
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("completion_tokens");
            await().untilAsserted(() -> assertThat(
                            get(gateway.adminAddress(), "/metrics").body())
                    .containsPattern("warmgate_requests_total\\{.*outcome=\"ok\".*} 1")
                    .contains("warmgate_failed_checks_total 0", "warmgate_access_log_dropped_total 0"));
            await().untilAsserted(() -> assertThat(accessLog.toString(StandardCharsets.UTF_8))
                    .contains("/v1/chat/completions")
                    .doesNotContain("Hello"));
        }
    }

    @Test
    void withAllEndpointsDownItIsReadyAndSaysSoToClients() throws Exception {
        int closedPort;
        try (var socket = new ServerSocket(0)) {
            closedPort = socket.getLocalPort();
        }
        try (var gateway = start("http://127.0.0.1:" + closedPort)) {
            assertThat(get(gateway.adminAddress(), "/readyz").statusCode()).isEqualTo(200);
            var answer = chat(gateway).get();
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void drainingEndsReadinessAtOnceAndLetsRequestsInFlightFinish() throws Exception {
        try (var endpoint = new SlowEndpoint();
                var gateway = start(endpoint.url())) {
            var answer = chat(gateway);
            await().until(() -> endpoint.asked() == 1);
            var drained = CompletableFuture.supplyAsync(gateway::drain);
            await().untilAsserted(() -> {
                var ready = get(gateway.adminAddress(), "/readyz");
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(ready.body()).isEqualTo("not ready: draining\n");
            });
            assertThat(drained).isNotDone();
            endpoint.letGo();
            assertThat(answer.get().statusCode()).isEqualTo(200);
            assertThat(drained.get()).isTrue();
            assertThat(gateway.inFlight()).isZero();
        }
    }

    @Test
    void closingFreesBothPorts() throws Exception {
        InetSocketAddress http;
        InetSocketAddress admin;
        try (var gateway = start("http://127.0.0.1:1")) {
            http = gateway.httpAddress();
            admin = gateway.adminAddress();
        }
        try (var first = new ServerSocket();
                var second = new ServerSocket()) {
            first.bind(http);
            second.bind(admin);
            assertThat(first.isBound() && second.isBound()).isTrue();
        }
    }
}
