package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.admission.AdmissionSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy may be a file of the ecosystem's endpoint picker. */
class PickerFilesTest {
    private static final String HEAD = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";
    private static final String POOL = "pools: [{policy: \"epp:chain.yaml\", endpoints: [http://10.0.0.1:8000]%s}]\n";

    @TempDir
    private Path folder;

    private GatewayConfig load(String yaml) throws Exception {
        return new ConfigLoader(Map.of()).load(Files.writeString(folder.resolve("gateway.yaml"), yaml), Overrides.NONE);
    }

    private List<String> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> load(yaml)).problems();
    }

    private void chain(String text) throws Exception {
        Files.writeString(folder.resolve("chain.yaml"), HEAD + text);
    }

    @Test
    void theFileIsFoundBesideTheConfigurationAndChooses() throws Exception {
        chain("plugins: [{type: load-aware-scorer}]\n");
        var config = load(POOL.formatted(""));
        var pool = config.pools().getFirst();
        assertThat(pool.newPolicy().name()).isEqualTo("epp:chain.yaml");
        assertThat(config.summary()).contains("default (epp:chain.yaml, 1 endpoint)");
        assertThat(config.pickerFiles()).containsExactly(folder.resolve("chain.yaml"));
        assertThat(config.admission()).isEqualTo(AdmissionSettings.DEFAULT);
        assertThat(config).isEqualTo(load(POOL.formatted("")));
    }

    @Test
    void itsProblemsAreTheConfigurations() throws Exception {
        chain("plugins:\n  - type: latency-scorrer\n  - {type: load-aware-scorer, parameters: {threshold: x}}\n");
        String where = folder.resolve("gateway.yaml") + ":1: pools[0].policy: " + folder.resolve("chain.yaml");
        assertThat(problems(POOL.formatted("")))
                .containsExactly(
                        where + ":4: plugins[0].type: \"latency-scorrer\" is not known (did you mean latency-scorer?)",
                        where
                                + ":5: plugins[1].parameters.threshold: \"x\" (expected: a whole number below 2147483648)");
        Files.delete(folder.resolve("chain.yaml"));
        assertThat(problems(POOL.formatted(""))).containsExactly(where + ": cannot be read: no such file");
        assertThat(problems("pools: [{policy: \"epp:\", endpoints: [http://10.0.0.1:8000]}]\n"))
                .singleElement()
                .asString()
                .contains("pools[0].policy: \"epp:\" (expected: one of warm, ", "session-hash, or epp:FILE)");
    }

    @Test
    void flowControlBecomesAdmission() throws Exception {
        chain("""
                featureGates: [flowControl]
                plugins: [{type: concurrency-detector, parameters: {maxConcurrency: 7}}]
                flowControl: {defaultRequestTTL: 5s, saturationDetector: {pluginRef: concurrency-detector}}
                """);
        var config = load(POOL.formatted(""));
        assertThat(config.admission().maxWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.pools().getFirst().spec().maxInFlight()).isEqualTo(7);
        assertThat(load(POOL.formatted(", maxInFlight: 3"))
                        .pools()
                        .getFirst()
                        .spec()
                        .maxInFlight())
                .isEqualTo(3);
        assertThat(problems(POOL.formatted("") + "admission: {maxWait: 1s}\n"))
                .containsExactly(folder.resolve("gateway.yaml") + ":2: admission: is also said by flowControl in "
                        + folder.resolve("chain.yaml") + " (expected: one of both)");
    }

    @Test
    void allFilesSayTheSameAboutWaiting() throws Exception {
        chain("featureGates: [flowControl]\n");
        Files.writeString(
                folder.resolve("other.yaml"),
                HEAD + "featureGates: [flowControl]\nflowControl: {defaultRequestTTL: 5s}\n");
        String two = """
                pools:
                  - {name: a, policy: "epp:chain.yaml", endpoints: [http://10.0.0.1:8000]}
                  - {name: b, policy: "epp:%s", endpoints: [http://10.0.0.2:8000]}
                """;
        assertThat(load(two.formatted("chain.yaml")).pools()).hasSize(2);
        assertThat(problems(two.formatted("other.yaml")))
                .singleElement()
                .asString()
                .startsWith(folder.resolve("gateway.yaml") + ":3: pools[1].policy: " + folder.resolve("other.yaml")
                        + ": its flowControl says another than that of ");
    }

    @Test
    void anOptionNamesAFileFromTheWorkingFolder() throws Exception {
        chain("plugins: [{type: queue-scorer}]\n");
        String policy = "epp:" + folder.resolve("chain.yaml");
        var overrides = new Overrides("test", List.of("http://10.0.0.1:8000"), null, null, policy, null);
        var loader = new ConfigLoader(Map.of());
        assertThat(loader.load(overrides).pools().getFirst().chain()).isNotNull();
        assertThat(loader.load(overrides).pools().getFirst().spec().maxInFlight())
                .isEqualTo(PoolSpec.UNLIMITED);
        assertThat(ConfigFile.ofOptions(loader, overrides)).isNotNull();
        assertThat(ConfigFile.ofOptions(loader, Overrides.NONE)).isNull();
    }
}
