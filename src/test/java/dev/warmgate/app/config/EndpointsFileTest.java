package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.FoundEndpoint;
import dev.warmgate.engine.discovery.Reading;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Role;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A file of endpoints: the good entries count, the bad ones are named. */
class EndpointsFileTest {
    private static Reading.Good good(String text) {
        var reading = new EndpointsFile("endpoints.yaml").parse(text);
        assertThat(reading).isInstanceOf(Reading.Good.class);
        return (Reading.Good) reading;
    }

    private static String failure(String text) {
        var reading = new EndpointsFile("endpoints.yaml").parse(text);
        assertThat(reading).asInstanceOf(type(Reading.Failed.class)).isNotNull();
        return ((Reading.Failed) reading).reason();
    }

    private static List<String> names(Reading.Good reading) {
        return reading.endpoints().stream()
                .map(endpoint -> endpoint.spec().name())
                .toList();
    }

    @Test
    void aFileForAKubernetesEndpointPickerIsUnderstood() {
        var reading = good("""
                endpoints:
                  - name: vllm-0
                    address: 10.0.0.7
                    port: "8000"
                    labels:
                      llm-d.ai/role: decode
                      llm-d.ai/engine-type: sglang
                      app: chat
                  - {name: vllm-1, namespace: prod, address: 10.0.0.8, port: 8001, metricsPort: 9}
                """);
        assertThat(reading.problems()).isEmpty();
        assertThat(reading.endpoints())
                .containsExactly(
                        new FoundEndpoint(
                                new EndpointSpec(
                                        "vllm-0",
                                        URI.create("http://10.0.0.7:8000"),
                                        1,
                                        Role.DECODE,
                                        Map.of(
                                                "llm-d.ai/role",
                                                "decode",
                                                "llm-d.ai/engine-type",
                                                "sglang",
                                                "app",
                                                "chat")),
                                EngineKind.SGLANG),
                        new FoundEndpoint(
                                new EndpointSpec("prod.vllm-1", URI.create("http://10.0.0.8:8001"), 1, Role.BOTH),
                                EngineKind.OTHER));
    }

    @Test
    void jsonIsUnderstoodAndOwnKeysGoBeforeLabels() {
        var reading = good("""
                {"endpoints": [{"name": "a", "address": "2001:db8::1", "port": 8000, "engine": "llama.cpp",
                  "weight": 2.5, "role": "prefill", "labels": {"llm-d.ai/role": "decode"}}]}
                """);
        assertThat(reading.endpoints())
                .containsExactly(new FoundEndpoint(
                        new EndpointSpec(
                                "a",
                                URI.create("http://[2001:db8::1]:8000"),
                                2.5,
                                Role.PREFILL,
                                Map.of("llm-d.ai/role", "decode")),
                        EngineKind.LLAMA_CPP));
    }

    @Test
    void endpointsMaySpeakTls() {
        var reading = good("""
                endpoints:
                  - {name: a, address: engine.example, port: 443, scheme: https}
                  - {name: b, address: 10.0.0.7, port: 8443, scheme: https, serverName: engine.example}
                """);
        assertThat(reading.endpoints())
                .map(found -> found.spec().address() + " " + found.serverName())
                .containsExactly("https://engine.example:443 null", "https://10.0.0.7:8443 engine.example");
    }

    @Test
    void badEntriesAreNamedAndGoodOnesStay() {
        var reading = good("""
                endpoints:
                  - {name: a, address: 10.0.0.1, port: 8000}
                  - {name: b, address: 10.0.0.2, port: 99999}
                  - {name: c, port: 8000}
                  - {name: "no good", address: 10.0.0.4, port: 8000}
                  - just text
                  - {name: a, address: 10.0.0.6, port: 8000}
                  - {name: g, address: "http://10.0.0.7", port: 8000}
                  - {name: h, address: vllm-0.vllm, port: 8000, weight: -1}
                  - {name: i, address: vllm-0.vllm, port: 8000}
                """);
        assertThat(names(reading)).containsExactly("a", "i");
        assertThat(reading.problems())
                .extracting(line -> line.replaceFirst(" \\(expected.*", ""))
                .containsExactly(
                        "endpoints.yaml:3: endpoints[1].port: \"99999\"",
                        "endpoints.yaml:4: endpoints[2].address: missing",
                        "endpoints.yaml:5: endpoints[3].name: \"no good\"",
                        "endpoints.yaml:6: endpoints[4]: \"just text\"",
                        "endpoints.yaml:7: endpoints[5]: \"a\" is also endpoints[0]",
                        "endpoints.yaml:8: endpoints[6].address: \"http://10.0.0.7\"",
                        "endpoints.yaml:9: endpoints[7].weight: \"-1\"");
    }

    @Test
    void badEntriesOfJsonAreNamedToo() {
        var reading = good("""
                {"endpoints": [
                  {"name": "a", "address": "10.0.0.1", "port": 8000},
                  {"name": "b", "address": "10.0.0.2", "port": "many"},
                  17,
                  {"name": "d", "address": "10.0.0.4", "port": 8000}
                ]}
                """);
        assertThat(names(reading)).containsExactly("a", "d");
        assertThat(reading.problems())
                .extracting(line -> line.replaceFirst(" \\(expected.*", ""))
                .containsExactly(
                        "endpoints.yaml:3: endpoints[1].port: \"many\"", "endpoints.yaml:4: endpoints[2]: \"17\"");
    }

    @Test
    void anEmptyListIsAListAndEverythingElseIsNot() {
        assertThat(good("endpoints: []").endpoints()).isEmpty();
        assertThat(failure("")).startsWith("endpoints.yaml: empty");
        assertThat(failure("endpoints:")).startsWith("endpoints.yaml: no list of endpoints (expected: ");
        assertThat(failure("[1, 2]")).startsWith("endpoints.yaml: no list of endpoints (expected: ");
        assertThat(failure("endpoints: [{name: a")).startsWith("endpoints.yaml:1: not valid YAML: ");
    }
}
