package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.testing.Installed;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a busy gateway answers lets the official SDKs' own retries succeed; see src/test/sdk/busy.py. */
class SdkRetryTest {
    private static final Path SUITE = Path.of("src/test/sdk/busy.py");

    /** An idle endpoint takes any request, and this one's prompt is more than there is room for. */
    private static final int ROOM = 1;

    private static final String BUSY = """
            pools: [{endpoints: ["%s"], kvCapacityTokens: 1000}]
            admission: {maxWait: 200ms}
            """;
    private static final String LIMITED = """
            pools: [{endpoints: ["%s"]}]
            tenants: [{name: default, limits: {concurrentRequests: 1}}]
            """;

    @ParameterizedTest
    @CsvSource({"openai, expired", "anthropic, expired", "openai, quota", "anthropic, quota"})
    void theRetryOfAnSdkSucceeds(String sdk, String refusal, @TempDir Path folder) throws Exception {
        var python = Installed.sdkPython();
        var file = folder.resolve("gateway.yaml");
        try (var endpoint = new SlowEndpoint();
                var gateway = TestGateway.configured(Files.writeString(
                        file, (refusal.equals("expired") ? BUSY : LIMITED).formatted(endpoint.url())));
                var client = HttpClient.newHttpClient()) {
            var occupant = HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/chat/completions"))
                    .POST(BodyPublishers.ofString("{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\""
                            + "Hello! ".repeat(1_000) + "\"}]}"))
                    .build();
            for (int i = 0; i < ROOM; i++) {
                var _ = client.sendAsync(occupant, BodyHandlers.discarding());
            }
            await().until(() -> endpoint.asked() == ROOM);
            var process = new ProcessBuilder(python.toString(), SUITE.toString(), gateway.url(), "tiny", sdk)
                    .redirectErrorStream(true)
                    .start();
            try {
                var metrics = HttpRequest.newBuilder(URI.create(gateway.adminUrl() + "/metrics"))
                        .build();
                await().atMost(30, TimeUnit.SECONDS)
                        .until(() -> !process.isAlive()
                                || client.send(metrics, BodyHandlers.ofString())
                                        .body()
                                        .lines()
                                        .anyMatch(line -> line.startsWith("warmgate_refused_total{")
                                                && line.contains("reason=\"" + refusal + "\"")));
                endpoint.letGo();
                List<String> lines;
                try (var output = process.inputReader()) {
                    lines = output.lines().toList();
                }
                assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
                assertThat(lines).last().isIn("ok 1", "ok 2");
            } finally {
                endpoint.letGo();
                process.destroy();
            }
        }
    }
}
