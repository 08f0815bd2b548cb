package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All eight endpoints restarted one after another under load, each drained before: no client notices. */
@Timeout(180)
class RollTest {
    private static final int ENDPOINTS = 8;
    private static final int CLIENTS = 12;

    @Test
    void rollingAllEndpointsWithDrainCostsNoRequest(@TempDir Path folder) throws Exception {
        var settings = TwinSettings.DEFAULTS
                .withListen("127.0.0.1", 0)
                .withReplicas(ENDPOINTS)
                .withSpeedUp(20);
        try (var fleet = TwinFleet.start(settings)) {
            var file = Files.writeString(
                    folder.resolve("gateway.yaml"),
                    "pools: [{endpoints: ["
                            + String.join(
                                    ", ",
                                    fleet.replicas().stream()
                                            .map(r -> r.url().toString())
                                            .toList())
                            + "]}]\nhealth: {checkInterval: 50ms}\n");
            var overrides = new Overrides("test", List.of(), "127.0.0.1:0", "127.0.0.1:0", null, null);
            try (var gateway = Gateway.start(
                            new ConfigLoader(Map.of()).load(file, overrides), OutputStream.nullOutputStream());
                    var clients = Executors.newVirtualThreadPerTaskExecutor()) {
                var admin = Admin.of(gateway);
                var failures = new ConcurrentLinkedQueue<String>();
                var answers = new AtomicInteger();
                var over = new AtomicBoolean();
                String model = settings.models().getFirst();
                for (int i = 0; i < CLIENTS; i++) {
                    int number = i;
                    clients.execute(() -> load(gateway, model, number, over, answers, failures));
                }
                for (var replica : fleet.replicas()) {
                    String path = "/admin/endpoints/" + replica.url().getAuthority();
                    int before = answers.get();
                    assertThat(admin.post(path + "/drain?wait=60s").statusCode())
                            .isEqualTo(200);
                    replica.kill();
                    await().until(() -> answers.get() > before + CLIENTS);
                    replica.restart();
                    assertThat(admin.post(path + "/undrain").statusCode()).isEqualTo(200);
                    String up = "warmgate_endpoint_available{endpoint=\""
                            + replica.url().getAuthority() + "\",pool=\"default\"} 1.0";
                    await().until(() -> admin.get("/metrics").contains(up));
                }
                over.set(true);
                clients.shutdown();
                assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
                assertThat(failures).isEmpty();
                assertThat(answers.get()).isGreaterThan(ENDPOINTS * CLIENTS);
            }
        }
    }

    private static void load(
            Gateway gateway,
            String model,
            int number,
            AtomicBoolean over,
            AtomicInteger answers,
            Queue<String> failures) {
        boolean stream = number % 2 == 0;
        String body = """
                {"model": "%s", "max_tokens": 20, "stream": %s, "messages": [{"role": "user", "content": "client %d"}]}
                """.formatted(model, stream, number);
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.httpAddress().getPort() + "/v1/chat/completions"))
                .POST(BodyPublishers.ofString(body))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            while (!over.get()) {
                var answer = client.send(request, BodyHandlers.ofString());
                boolean whole = answer.statusCode() == 200
                        && (stream
                                ? answer.body().endsWith("data: [DONE]\n\n")
                                : answer.body().contains("\"usage\""))
                        && !answer.body().contains("\"error\"");
                if (!whole) {
                    failures.add(answer.statusCode() + " " + answer.body());
                }
                answers.incrementAndGet();
            }
        } catch (Exception e) {
            failures.add(e.toString());
        }
    }
}
