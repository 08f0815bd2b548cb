package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.testing.RealEnvoy;
import dev.warmgate.twin.server.TwinFleet;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code picker} with a file of the ecosystem's own picker, asked by a real Envoy in front of twins. */
class EnvoyChainTest {
    /** Enough that not all of them begin on one of three endpoints by chance: that happens once in 170,000 runs. */
    private static final int CONVERSATIONS = 12;

    /** As llm-d's guides have it. */
    private static final String CHAIN = """
            apiVersion: inference.networking.x-k8s.io/v1alpha1
            kind: EndpointPickerConfig
            plugins:
              - type: single-profile-handler
              - type: approx-prefix-cache-producer
                parameters: {blockSizeTokens: 64, maxPrefixBlocksToMatch: 256, lruCapacityPerServer: 31250}
              - type: prefix-cache-scorer
              - type: queue-scorer
              - type: kv-cache-utilization-scorer
              - type: max-score-picker
            schedulingProfiles:
              - name: default
                plugins:
                  - {pluginRef: prefix-cache-scorer, weight: 3}
                  - {pluginRef: queue-scorer, weight: 2}
                  - {pluginRef: kv-cache-utilization-scorer, weight: 2}
                  - {pluginRef: max-score-picker}
            """;

    private static final Pattern CACHED = Pattern.compile("\"cached_tokens\":([0-9]+)");
    private static final Pattern UPSTREAM = Pattern.compile(" (127\\.0\\.0\\.1:[0-9]+) ");

    @TempDir
    private Path folder;

    private Path endpoints;
    private Path chain;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeEach
    void files() {
        endpoints = folder.resolve("endpoints.yaml");
        chain = folder.resolve("epp.yaml");
    }

    private Gateway picker(TwinFleet twins) throws Exception {
        var text = new StringBuilder("endpoints:\n");
        for (var replica : twins.replicas()) {
            text.append("  - {name: twin-%d, address: 127.0.0.1, port: %d, engine: vllm}\n"
                    .formatted(replica.index(), replica.address().getPort()));
        }
        Files.writeString(endpoints, text);
        Files.writeString(chain, CHAIN);
        var overrides = new Overrides("warmgate picker", List.of(), null, "127.0.0.1:0", "epp:" + chain, null)
                .withPicker(new Overrides.OfPicker(endpoints.toString(), "127.0.0.1:0", null, null, null));
        var loaded = new Loaded(new ConfigLoader(Map.of()).load(overrides), "");
        return Gateway.start(Doors.Which.PICKER, loaded, null, OutputStream.nullOutputStream(), () -> {});
    }

    @Test
    void nextTurnsGoWhereTheirConversationIs() throws Exception {
        try (var twins = TwinFleet.start(TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(20));
                var gateway = picker(twins);
                var envoy = RealEnvoy.start(
                        "override-host.yaml",
                        Objects.requireNonNull(gateway.doors().pickerAddress()).getPort(),
                        twins.replicas().stream()
                                .map(r -> r.address().getPort())
                                .toList(),
                        folder)) {
            var homes = new ArrayList<String>();
            for (int i = 0; i < CONVERSATIONS; i++) {
                assertThat(cachedTokens(chat(envoy, firstTurn(i)))).isZero();
                homes.add(served(envoy, homes.size() + 1));
            }
            assertThat(Set.copyOf(homes)).as("where new conversations went").hasSizeGreaterThan(1);
            for (int i = 0; i < CONVERSATIONS; i++) {
                String answer = chat(envoy, firstTurn(i) + nextTurn());
                assertThat(served(envoy, CONVERSATIONS + i + 1))
                        .as("home of conversation %d of %s", i, homes)
                        .isEqualTo(homes.get(i));
                assertThat(cachedTokens(answer)).as(answer).isGreaterThan(1_000);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> gateway.inFlight() == 0);
        }
    }

    /** Returns the messages of a first turn, like no other conversation's from its first word on. */
    private static String firstTurn(int conversation) {
        return "{\"role\":\"user\",\"content\":\"" + ("Conversation " + conversation + " goes on. ").repeat(250)
                + "\"}";
    }

    private static String nextTurn() {
        return ",{\"role\":\"assistant\",\"content\":\"Yes.\"},{\"role\":\"user\",\"content\":\"And then?\"}";
    }

    private String chat(RealEnvoy envoy, String messages) throws IOException, InterruptedException {
        String model = TwinSettings.DEFAULTS.models().getFirst();
        var answer = http.send(
                HttpRequest.newBuilder(URI.create(envoy.url() + "/v1/chat/completions"))
                        .timeout(Duration.ofSeconds(60))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(
                                "{\"model\":\"" + model + "\",\"max_tokens\":4,\"messages\":[" + messages + "]}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** Returns what the engine itself says. */
    private static int cachedTokens(String answer) {
        var match = CACHED.matcher(answer);
        return match.find() ? Integer.parseInt(match.group(1)) : 0;
    }

    /** Returns whom Envoy asked. */
    private static String served(RealEnvoy envoy, int request) throws IOException {
        String line = envoy.logged(request);
        var match = UPSTREAM.matcher(line);
        assertThat(match.find()).as(line).isTrue();
        return match.group(1);
    }

    @Test
    void aWrongFileStartsNothing() throws Exception {
        Files.writeString(endpoints, "endpoints: [{name: a, address: 127.0.0.1, port: 1}]\n");
        Files.writeString(chain, CHAIN.replace("type: queue-scorer", "type: queue-scorrer"));
        var run = CommandRun.of(
                "picker",
                "--listen=127.0.0.1:0",
                "--admin=127.0.0.1:0",
                "--endpoints-file=" + endpoints,
                "--endpoint-picker-config=" + chain);
        assertThat(run.exitCode()).isEqualTo(Main.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .contains(chain + ":8: plugins[3].type: \"queue-scorrer\" is not known (did you mean queue-scorer?)");
    }

    @Test
    void aWrongFileThatAConfigurationNamesStartsNothing() throws Exception {
        Files.writeString(chain, CHAIN.replace("weight: 3", "weight: much"));
        var file = Files.writeString(folder.resolve("gateway.yaml"), """
                listeners: {admin: 127.0.0.1:0}
                picker: {listen: 127.0.0.1:0}
                pools: [{policy: "epp:epp.yaml", endpoints: [http://127.0.0.1:1]}]
                """);
        var run = CommandRun.of("picker", "--config=" + file);
        assertThat(run.exitCode()).isEqualTo(Main.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(chain + ":14: schedulingProfiles[0].plugins[0].weight: ", "much");
    }
}
