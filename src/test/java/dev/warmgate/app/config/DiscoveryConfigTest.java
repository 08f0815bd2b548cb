package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.Scheme;
import dev.warmgate.engine.discovery.SourceSpec.OfDns;
import dev.warmgate.engine.discovery.SourceSpec.OfFile;
import dev.warmgate.engine.discovery.SourceSpec.RecordType;
import dev.warmgate.files.FileWatcher;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiscoveryConfigTest {
    private static PoolConfig pool(String discovery) throws ConfigException {
        return new ConfigLoader(Map.of())
                .parse("conf/gateway.yaml", "pools: [{discovery: " + discovery + "}]", Overrides.NONE)
                .pools()
                .getFirst();
    }

    private static List<String> problems(String discovery) {
        var thrown = catchThrowableOfType(ConfigException.class, () -> pool(discovery));
        assertThat(thrown).as("a ConfigException").isNotNull();
        return thrown.problems();
    }

    @Test
    void aPoolMayHaveSourcesInsteadOfEndpoints() throws Exception {
        var pool = pool("{file: {path: endpoints.yaml}, dns: [{name: vllm, port: 8000}]}");
        assertThat(pool.spec().endpoints()).isEmpty();
        assertThat(pool.sources())
                .containsExactly(
                        new OfFile(Path.of("conf/endpoints.yaml"), FileWatcher.DEFAULT_INTERVAL),
                        new OfDns(
                                "vllm",
                                RecordType.ADDRESS,
                                8000,
                                Scheme.HTTP,
                                EngineKind.OTHER,
                                List.of(),
                                OfDns.DEFAULT_MIN_TTL,
                                OfDns.DEFAULT_MAX_TTL));
        assertThat(pool.summary()).isEqualTo("default (warm, file conf/endpoints.yaml, dns vllm:8000)");
        assertThat(pool.summary(2)).isEqualTo("default (warm, 2 endpoints, file conf/endpoints.yaml, dns vllm:8000)");
    }

    @Test
    void everyKeyOfASourceIsRead() throws Exception {
        assertThat(pool("{file: {path: /a, interval: 5s}}").sources())
                .containsExactly(new OfFile(Path.of("/a"), Duration.ofSeconds(5)));
        assertThat(
                        pool("{dns: [{name: _http._tcp.vllm.svc., type: srv, scheme: https, engine: vllm, servers: [\"10.0.0.1:53\"],"
                                        + " minTtl: 2s, maxTtl: 3s}]}")
                                .sources())
                .containsExactly(new OfDns(
                        "_http._tcp.vllm.svc.",
                        RecordType.SRV,
                        0,
                        Scheme.HTTPS,
                        EngineKind.VLLM,
                        List.of(InetSocketAddress.createUnresolved("10.0.0.1", 53)),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3)));
    }

    @Test
    void mistakesAreNamed() {
        assertThat(problems("{}"))
                .containsExactly("conf/gateway.yaml:1: pools[0].discovery: empty (expected: file or dns)");
        assertThat(problems("{file: {}}"))
                .containsExactly(
                        "conf/gateway.yaml:1: pools[0].discovery.file.path: missing (expected: the path of a file)");
        assertThat(problems("{dns: [{name: vllm}]}"))
                .containsExactly(
                        "conf/gateway.yaml:1: pools[0].discovery.dns[0].port: missing (expected: a whole number"
                                + " from 1 to 65535, or type: srv)");
        assertThat(problems("{dns: [{name: vllm, type: srv, port: 1}]}"))
                .containsExactly(
                        "conf/gateway.yaml:1: pools[0].discovery.dns[0].port: \"1\" (expected: none, SRV records"
                                + " say the port)");
        assertThat(problems("{dns: [{name: \"a..b\", port: 1, minTtl: 2s, maxTtl: 1s}]}"))
                .containsExactly(
                        "conf/gateway.yaml:1: pools[0].discovery.dns[0].name: \"a..b\" (expected: a DNS name such as"
                                + " vllm.default.svc.cluster.local)",
                        "conf/gateway.yaml:1: pools[0].discovery.dns[0].maxTtl: \"1s\" (expected: at least minTtl, 2s)");
    }
}
