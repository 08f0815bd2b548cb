package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinReplica;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
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

/** A fleet that changes under load: whatever operators do in order, no client notices. */
@Timeout(180)
class RollTest {
    private static final int ENDPOINTS = 8;
    private static final int CLIENTS = 12;
    private static final TwinSettings SETTINGS = TwinSettings.DEFAULTS
            .withListen("127.0.0.1", 0)
            .withReplicas(ENDPOINTS)
            .withSpeedUp(20);

    @TempDir
    private Path folder;

    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private interface Work {
        void run(Admin admin) throws Exception;
    }

    /** Does something to a gateway under load, and checks that no client noticed. */
    private void underLoad(TwinFleet fleet, Work work) throws Exception {
        var overrides = new Overrides("test", List.of(), "127.0.0.1:0", "127.0.0.1:0", null, null);
        write(fleet.replicas(), "");
        var file = new ConfigFile(new ConfigLoader(Map.of()), folder.resolve("gateway.yaml"), overrides);
        try (var gateway = Gateway.start(
                        Doors.Which.CONFIGURED, file.load(), file, OutputStream.nullOutputStream(), () -> {});
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.execute(() -> load(gateway, SETTINGS.models().getFirst(), number, over, answers, failures));
            }
            try {
                work.run(Admin.of(gateway));
            } finally {
                over.set(true);
            }
            clients.shutdown();
            assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(failures).isEmpty();
            assertThat(Admin.of(gateway).get("/metrics"))
                    .contains("warmgate_open_reservations{pool=\"default\"} 0.0")
                    .contains("warmgate_reservation_imbalance{pool=\"default\"} 0.0");
        }
    }

    private void write(List<TwinReplica> replicas, String more) throws IOException {
        var urls = replicas.stream().map(replica -> replica.url().toString()).toList();
        var next = Files.writeString(
                folder.resolve("next.yaml"),
                "pools: [{endpoints: [" + String.join(", ", urls) + "]}]\nhealth: {checkInterval: 50ms}\n" + more);
        Files.move(next, folder.resolve("gateway.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitAnswers(int more) {
        int before = answers.get();
        await().atMost(Duration.ofSeconds(60)).until(() -> answers.get() > before + more);
    }

    @Test
    void rollingAllEndpointsWithDrainCostsNoRequest() throws Exception {
        try (var fleet = TwinFleet.start(SETTINGS)) {
            underLoad(fleet, admin -> {
                for (var replica : fleet.replicas()) {
                    String path = "/admin/endpoints/" + replica.url().getAuthority();
                    assertThat(admin.post(path + "/drain?wait=60s").statusCode())
                            .isEqualTo(200);
                    replica.kill();
                    awaitAnswers(CLIENTS);
                    replica.restart();
                    assertThat(admin.post(path + "/undrain").statusCode()).isEqualTo(200);
                    String up = "warmgate_endpoint_available{endpoint=\""
                            + replica.url().getAuthority() + "\",pool=\"default\"} 1.0";
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> admin.get("/metrics").contains(up));
                }
            });
        }
    }

    @Test
    void reloadingAgainAndAgainCostsNoRequest() throws Exception {
        try (var fleet = TwinFleet.start(SETTINGS)) {
            underLoad(fleet, admin -> {
                for (int i = 0; i < 10; i++) {
                    var half = fleet.replicas().subList(i % 2 * ENDPOINTS / 2, (i % 2 + 1) * ENDPOINTS / 2);
                    write(half, "limits: {retries: " + i % 3 + "}\nadmission: {maxWait: " + (30 + i) + "s}\n");
                    assertThat(admin.post("/admin/reload").body()).contains("\"result\":\"applied\"");
                    awaitAnswers(CLIENTS);
                }
            });
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
