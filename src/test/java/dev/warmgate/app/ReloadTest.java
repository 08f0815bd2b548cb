package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway whose configuration and endpoints change while it runs. */
@Timeout(120)
class ReloadTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream accessLog = new ByteArrayOutputStream();
    private final SlowEndpoint one = slowEndpoint();
    private final SlowEndpoint two = slowEndpoint();

    private static SlowEndpoint slowEndpoint() {
        try {
            return new SlowEndpoint();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private Gateway start(String yaml) throws Exception {
        write(yaml);
        var overrides = new Overrides("test", List.of(), "127.0.0.1:0", "127.0.0.1:0", null, null);
        var file = new ConfigFile(new ConfigLoader(Map.of()), folder.resolve("gateway.yaml"), overrides);
        return Gateway.start(Doors.Which.CONFIGURED, file.load(), file, accessLog, () -> {});
    }

    /** Replaces the file in one step: none of these tests is about a file that is being written. */
    private void write(String yaml) throws Exception {
        var next = Files.writeString(folder.resolve("next.yaml"), yaml);
        Files.move(next, folder.resolve("gateway.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pool(String... endpoints) {
        return "pools: [{endpoints: [" + String.join(", ", endpoints) + "]}]\n";
    }

    private static String name(SlowEndpoint endpoint) {
        return endpoint.url().substring("http://".length());
    }

    @Test
    void aChangedFileMovesTrafficAndLetsWhatRunsFinish() throws Exception {
        two.letGo();
        try (var gateway = start(pool(one.url()))) {
            var admin = Admin.of(gateway);
            var running = admin.chat();
            await().until(() -> one.asked() == 1);
            write(pool(two.url()) + "accessLog: json\n");
            await().atMost(Duration.ofSeconds(30)).until(() -> admin.version() == 2);
            assertThat(admin.json("/admin/config").at("/lastReload/changes").toString())
                    .contains(name(one), "(removed)", name(two), "(new)", "accessLog: json (new)");
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            assertThat(two.asked()).isEqualTo(1);
            var endpoints = admin.json("/endpoints").at("/pools/0/endpoints");
            assertThat(endpoints.at("/0/name").stringValue()).isEqualTo(name(two));
            assertThat(endpoints.at("/0/source").stringValue()).isEqualTo("configuration");
            assertThat(endpoints.at("/1/state").stringValue()).isEqualTo("leaving");
            assertThat(running).isNotDone();
            one.letGo();
            assertThat(running.get().statusCode()).isEqualTo(200);
            await().untilAsserted(
                            () -> assertThat(admin.get("/metrics")).doesNotContain("endpoint=\"" + name(one) + "\""));
            assertThat(admin.get("/metrics"))
                    .contains(
                            "warmgate_config_reloads_total{result=\"applied\"} 1",
                            "warmgate_config_version 2",
                            "warmgate_config_rejected 0",
                            "endpoint=\"" + name(two) + "\"");
            await().untilAsserted(() ->
                    assertThat(accessLog.toString(StandardCharsets.UTF_8)).contains(name(two)));
        }
    }

    @Test
    void aBadFileChangesNothingAndSaysWhy() throws Exception {
        one.letGo();
        try (var gateway = start(pool(one.url()))) {
            var admin = Admin.of(gateway);
            write(pool(two.url()) + "limits: {retries: many}\ntimeouts: {idle: 1s}\n");
            var answer = admin.post("/admin/reload");
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("gateway.yaml:2: limits.retries: \\\"many\\\" (expected: ");
            assertThat(admin.version()).isEqualTo(1);
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            assertThat(one.asked()).isEqualTo(1);
            assertThat(admin.get("/metrics")).contains("warmgate_config_rejected 1");
            write(pool(one.url()) + "# nothing else\n");
            assertThat(admin.post("/admin/reload").body()).contains("\"result\":\"unchanged\"");
            assertThat(admin.get("/metrics")).contains("warmgate_config_rejected 0");
        }
    }

    @Test
    void whatOnlyARestartCanChangeIsNamedAndTheRestDoesNotChangeEither() throws Exception {
        one.letGo();
        try (var gateway = start(pool(one.url()))) {
            var admin = Admin.of(gateway);
            write("pools: [{indexBytes: 1MiB, endpoints: [" + two.url() + "]}]\n"
                    + "routing: {promptSecret: 0123456789abcdef}\n");
            var answer = admin.post("/admin/reload");
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body())
                    .contains(
                            "needs a restart: routing.promptSecret",
                            "needs a restart: pools[default].indexBytes: 67108864 → 1048576")
                    .doesNotContain("0123456789abcdef");
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            assertThat(one.asked()).isEqualTo(1);
        }
    }

    @Test
    void accessLimitsAndQuotasChangeAndWhatIsUsedStaysUsed() throws Exception {
        one.letGo();
        String key = "sk-research-0123456789";
        String tenants = "tenants: [{name: research, keys: [" + key + "], limits: {requestsPerMinute: %d}}]\n";
        try (var gateway = start(pool(one.url()))) {
            var admin = Admin.of(gateway);
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            write(pool(one.url()) + tenants.formatted(10));
            assertThat(admin.post("/admin/reload").body()).contains("applied").doesNotContain(key);
            assertThat(admin.chat().get().statusCode()).isEqualTo(401);
            for (int i = 0; i < 3; i++) {
                assertThat(admin.chat("Authorization", "Bearer " + key).get().statusCode())
                        .isEqualTo(200);
            }
            write(pool(one.url()) + tenants.formatted(3) + "limits: {maxBodyBytes: 1KiB}\n");
            assertThat(admin.post("/admin/reload").body()).contains("applied");
            assertThat(admin.chat("Authorization", "Bearer " + key).get().statusCode())
                    .isEqualTo(429);
            assertThat(admin.get("/metrics")).contains("tenant=\"research\"");
        }
    }

    @Test
    void aFileOfEndpointsIsFollowedAndItsBadEntriesAreNamed() throws Exception {
        one.letGo();
        two.letGo();
        var list = folder.resolve("endpoints.yaml");
        String entry = "  - {name: %s, address: 127.0.0.1, port: %s}\n";
        String first = entry.formatted("one", one.url().replaceAll(".*:", ""));
        Files.writeString(list, "endpoints:\n" + first);
        try (var gateway = start("pools: [{discovery: {file: {path: endpoints.yaml, interval: 20ms}}}]\n")) {
            var admin = Admin.of(gateway);
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            Files.writeString(
                    list,
                    "endpoints:\n" + entry.formatted("two", two.url().replaceAll(".*:", "")) + "  - {name: bad}\n");
            await().until(() -> admin.json("/endpoints")
                    .at("/pools/0/endpoints/0/name")
                    .stringValue("")
                    .equals("two"));
            assertThat(admin.json("/endpoints")
                            .at("/pools/0/endpoints/0/source")
                            .stringValue())
                    .isEqualTo("file " + list);
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            assertThat(two.asked()).isEqualTo(1);
            var source = admin.json("/admin/config").at("/sources/0");
            assertThat(source.at("/endpoints").intValue()).isEqualTo(1);
            assertThat(source.at("/problems/0").stringValue())
                    .contains("endpoints.yaml:3: endpoints[1].address: missing");
            Files.delete(list);
            await().until(() -> admin.get("/metrics")
                    .contains("warmgate_discovery_failing{pool=\"default\",source=\"file " + list + "\"} 1"));
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aDrainedEndpointFinishesGetsNothingNewAndComesBack() throws Exception {
        two.letGo();
        try (var gateway = start(pool(one.url(), two.url()).replace("[{", "[{policy: round-robin, "))) {
            var admin = Admin.of(gateway);
            String drain = "/admin/endpoints/" + name(one) + "/drain";
            var running = admin.chat();
            var other = admin.chat();
            await().until(() -> one.asked() == 1 && two.asked() == 1);
            assertThat(admin.post(drain).statusCode()).isEqualTo(202);
            var waited = admin.post(drain + "?wait=10ms");
            assertThat(waited.statusCode()).isEqualTo(504);
            assertThat(waited.body()).contains("\"inFlight\":1");
            assertThat(admin.json("/endpoints").at("/pools/0/endpoints/0/state").stringValue())
                    .isEqualTo("draining");
            for (int i = 0; i < 4; i++) {
                assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            }
            assertThat(one.asked()).isEqualTo(1);
            one.letGo();
            assertThat(admin.post(drain + "?wait=30s").statusCode()).isEqualTo(200);
            assertThat(running.get().statusCode()).isEqualTo(200);
            assertThat(other.get().statusCode()).isEqualTo(200);
            assertThat(admin.post("/admin/endpoints/" + name(one) + "/undrain").statusCode())
                    .isEqualTo(200);
            // It starts slowly.
            await().until(() -> {
                assertThat(admin.chat().get().statusCode()).isEqualTo(200);
                return one.asked() > 1;
            });
            assertThat(admin.post("/admin/endpoints/nobody/drain").statusCode()).isEqualTo(404);
        }
    }

    private void chain(String wanted) throws Exception {
        var next = Files.writeString(folder.resolve("next.yaml"), """
                apiVersion: llm-d.ai/v1alpha1
                kind: EndpointPickerConfig
                plugins: [{type: label-selector-filter, parameters: {matchLabels: {which: %s}}}]
                """.formatted(wanted));
        Files.move(next, folder.resolve("chain.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aChangedChainOfPluginsChoosesOtherwise() throws Exception {
        one.letGo();
        two.letGo();
        chain("one");
        try (var gateway = start("""
                pools:
                  - policy: "epp:chain.yaml"
                    endpoints: [{url: "%s", labels: {which: one}}, {url: "%s", labels: {which: two}}]
                """.formatted(one.url(), two.url()))) {
            var admin = Admin.of(gateway);
            for (int i = 0; i < 4; i++) {
                assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            }
            assertThat(one.asked()).isEqualTo(4);
            chain("two");
            await().atMost(Duration.ofSeconds(30)).until(() -> admin.version() == 2);
            for (int i = 0; i < 4; i++) {
                assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            }
            assertThat(two.asked()).isEqualTo(4);
            chain("{}");
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () -> admin.json("/admin/config")
                                    .at("/lastReload/problems/0")
                                    .asString()
                                    .contains(
                                            "chain.yaml:3: plugins[0].parameters.matchLabels.which: an object (expected: a text)"));
            assertThat(admin.chat().get().statusCode()).isEqualTo(200);
            assertThat(two.asked()).isEqualTo(5);
        }
    }

    @Test
    void theLimitOfRequestsInFlightHolds() throws Exception {
        try (var gateway =
                start("admission: {enabled: false}\npools: [{maxInFlight: 1, endpoints: [" + one.url() + "]}]\n")) {
            var admin = Admin.of(gateway);
            var running = admin.chat();
            await().until(() -> one.asked() == 1);
            var refused = admin.chat().get();
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("1 requests in flight, as many as they may");
            one.letGo();
            assertThat(running.get().statusCode()).isEqualTo(200);
        }
    }
}
