package dev.warmgate.picker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.testing.Installed;
import dev.warmgate.testing.RealEngine;
import dev.warmgate.testing.RealEnvoy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A real Envoy in front of two llama-servers, asking the picker; installed and run as the other real engines. */
@Tag("engines")
@Isolated("the engines need all cores there are")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EnvoyLlamaCppTest {
    private static final String STORY =
            "Here is a story of a lighthouse keeper who counted the ships that passed. ".repeat(20);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<RealEngine> engines;
    private @Nullable PickerFixture picker;
    private @Nullable RealEnvoy envoy;
    private int reports;

    EnvoyLlamaCppTest() throws IOException {
        engines = List.of(RealEngine.llama(Installed.engines()), RealEngine.llama(Installed.engines()));
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        engines.forEach(engine -> engine.awaitReady(Duration.ofMinutes(2)));
        var ports = engines.stream()
                .map(engine -> URI.create(engine.url()).getPort())
                .toList();
        var addresses = ports.stream().map(port -> "127.0.0.1:" + port).toArray(String[]::new);
        var policy = requireNonNull(Policies.create(Policies.WARM));
        picker = new PickerFixture(new Options().endpoints(addresses).policy(policy));
        envoy = RealEnvoy.start("override-host.yaml", picker.port(), ports, folder, UnaryOperator.identity());
    }

    @AfterAll
    void stop() {
        Stream.of(envoy, picker).filter(part -> part != null).forEach(EnvoyLlamaCppTest::close);
        engines.forEach(RealEngine::close);
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private String chat(int conversation, String more) throws IOException, InterruptedException {
        var answer = http.send(request(conversation, 4, more), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        reports++;
        return answer.body();
    }

    /** Returns which endpoint the last request went to, which it was to have answered well. */
    private String servedBy() {
        var report = requireNonNull(picker).report(reports);
        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.usage().outputTokens()).isPositive();
        return requireNonNull(report.decision()).endpoint();
    }

    private HttpRequest request(int conversation, int tokens, String more) {
        String body = "{\"model\":\"smollm2\",\"max_tokens\":" + tokens
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Story " + conversation + ". " + STORY + more
                + "\"}]" + (more.isEmpty() ? "" : ",\"stream\":true,\"stream_options\":{\"include_usage\":true}") + "}";
        return HttpRequest.newBuilder(URI.create(requireNonNull(envoy).url() + "/v1/chat/completions"))
                .timeout(Duration.ofSeconds(60))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    @Test
    @Order(1)
    void aConversationGoesOnWhereItIsCached() throws Exception {
        var used = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            assertThat(chat(i, "")).contains("\"usage\"");
            used.add(servedBy());
        }
        assertThat(Set.copyOf(used)).as("endpoints").hasSize(2);
        for (String first : used) {
            assertThat(chat(used.indexOf(first), "And then?")).contains("data: ", "[DONE]");
            assertThat(servedBy()).isEqualTo(first);
        }
        requireNonNull(picker).assertAtRest();
    }

    @Test
    @Order(2)
    void aClientThatLeavesEndsItsGeneration() throws Exception {
        var lines = http.send(request(9, 1500, "Tell all of it."), BodyHandlers.ofLines());
        try (var stream = lines.body()) {
            assertThat(stream.limit(3)).anyMatch(line -> line.startsWith("data: "));
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            for (var engine : engines) {
                var metrics = HttpRequest.newBuilder(URI.create(engine.url() + "/metrics"))
                        .build();
                assertThat(engine.running(
                                http.send(metrics, BodyHandlers.ofString()).body()))
                        .isZero();
            }
        });
        requireNonNull(picker).assertAtRest();
    }
}
