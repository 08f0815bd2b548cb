package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.telemetry.tracing.TracingSettings;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracingConfigTest {
    private static GatewayConfig parse(String tracing) throws ConfigException {
        return new ConfigLoader(Map.of("TOKEN", "token-0123456789"))
                .parse("gateway.yaml", "pools: [{endpoints: [http://127.0.0.1:8001]}]\n" + tracing, Overrides.NONE);
    }

    @Test
    void allKeysAreReadAndHeadersAreNotShown() throws Exception {
        var config = parse("""
                tracing:
                  endpoint: https://collector.example:4318
                  sampleRatio: 0.1
                  serviceName: gate-7
                  headers: {Authorization: "Bearer ${TOKEN}", x-scope-orgid: team}
                """);
        assertThat(config.tracing())
                .isEqualTo(new TracingSettings(
                        URI.create("https://collector.example:4318/v1/traces"),
                        0.1,
                        "gate-7",
                        Map.of("authorization", "Bearer token-0123456789", "x-scope-orgid", "team")));
        assertThat(config.toString()).contains("gate-7").doesNotContain("token-0123456789");
    }

    @Test
    void oneKeyIsEnoughAndNoneMeansNoTraces() throws Exception {
        assertThat(parse("tracing: {endpoint: \"http://[::1]:4318/otlp/traces\"}")
                        .tracing())
                .isEqualTo(new TracingSettings(URI.create("http://[::1]:4318/otlp/traces"), 1, "warmgate", Map.of()));
        assertThat(parse("").tracing()).isNull();
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThatThrownBy(() -> parse("""
                        tracing:
                          endpoint: grpc://collector.example:4317
                          sampleRatio: 2
                          serviceName: ""
                          headers: {Host: a, "x y": a, X-A: a, x-a: b, x-b: "a\\nb"}
                        """))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .satisfiesExactlyInAnyOrder(
                                        problem -> assertThat(problem)
                                                .contains("gateway.yaml:3: tracing.endpoint: \"grpc:", "http or https"),
                                        problem -> assertThat(problem).contains("tracing.sampleRatio: \"2\""),
                                        problem -> assertThat(problem).contains("tracing.serviceName"),
                                        problem -> assertThat(problem)
                                                .contains("tracing.headers.Host: \"Host\" (expected: "),
                                        problem -> assertThat(problem)
                                                .contains("tracing.headers.x y: \"x y\" (expected: "),
                                        problem -> assertThat(problem).contains("tracing.headers.x-a: twice"),
                                        problem -> assertThat(problem).contains("tracing.headers.x-b: value hidden")));
        assertThatThrownBy(() -> parse("tracing: {sampleRatio: 0.5}"))
                .hasMessageContaining("tracing.endpoint: missing (expected: http or https URL");
    }
}
