package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import dev.warmgate.testing.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys about the way to endpoints. */
class LinkConfigTest {
    private static GatewayConfig parse(String yaml) throws ConfigException {
        return new ConfigLoader(Map.of("ENGINE_KEY", "hush-hush")).parse("gateway.yaml", yaml, Overrides.NONE);
    }

    @Test
    void everyKeyIsRead(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("key"), "in-the-file");
        var ca = TestCertificates.certificate("ca");
        var certificate = TestCertificates.certificate("client");
        var key = TestCertificates.key("client");
        var pool = parse("""
                        listeners: {trustedProxies: [10.0.0.0/8, "::1"]}
                        pools:
                          - protocol: http2
                            apiKey: ${ENGINE_KEY}
                            tls: {caFile: %s, serverName: engines.example, certificateFile: %s, keyFile: %s, verify: false}
                            endpoints:
                              - https://10.0.0.7
                              - {url: "https://10.0.0.8:8443", apiKeyFile: %s, serverName: other.example, protocol: http1}
                        """.formatted(ca, certificate, key, file)).pools().getFirst();
        var tls = new TlsSettings(ca, "engines.example", certificate, key, false);
        assertThat(pool.link()).isEqualTo(new LinkSettings(Protocol.HTTP2, new EngineKey.Given("hush-hush"), tls));
        assertThat(pool.links())
                .isEqualTo(Map.of(
                        "10.0.0.8:8443",
                        new LinkSettings(
                                Protocol.HTTP1, new EngineKey.InFile(file), tls.withServerName("other.example"))));
        assertThat(pool.spec().endpoints().getFirst().address()).hasToString("https://10.0.0.7:443");
        assertThat(pool.toString()).doesNotContain("hush");
    }

    @Test
    void mistakesAreNamedAndKeysAreNot(@TempDir Path folder) throws Exception {
        var empty = Files.writeString(folder.resolve("empty"), "\n");
        assertThatThrownBy(() -> parse("""
                        listeners: {trustedProxies: [10.0.0.0/33]}
                        pools:
                          - name: one
                            apiKey: hush hush
                            endpoints: [http://127.0.0.1:1]
                          - name: two
                            apiKeyFile: %s/none
                            tls: {certificateFile: x.pem}
                            endpoints:
                              - {url: "http://127.0.0.1:2", apiKeyFile: %s}
                          - name: three
                            apiKey: right
                            apiKeyFile: wrong
                            tls: {caFile: %s}
                            endpoints: [http://127.0.0.1:3]
                        """.formatted(folder, empty, empty)))
                .hasMessageContainingAll(
                        "gateway.yaml:1: listeners.trustedProxies[0]: \"10.0.0.0/33\" (expected: an address or a range",
                        "gateway.yaml:4: pools[0].apiKey: value hidden (expected: 1 to 4096 visible ASCII characters)",
                        "pools[1]: " + folder + "/none: cannot be read: no such file",
                        "gateway.yaml:8: pools[1].tls.keyFile: missing (expected: a certificate and its key)",
                        "pools[1].endpoints[0]: " + empty + ": no API key (expected: one line of",
                        "gateway.yaml:13: pools[2].apiKeyFile: next to apiKey (expected: one of the two)",
                        empty + ": no certificate (expected: PEM, -----BEGIN CERTIFICATE-----)")
                .message()
                .doesNotContain("hush");
    }

    @Test
    void aListenerIsTrustedAsAWholeOrByAddress() throws Exception {
        String pool = "pools: [{endpoints: [http://127.0.0.1:1]}]\n";
        assertThat(parse(pool).listeners().trusted()).isFalse();
        assertThat(parse(pool + "listeners: {trusted: true}\n").listeners().trusted())
                .isTrue();
        assertThatThrownBy(() -> parse(pool + "listeners: {trusted: true, trustedProxies: [10.0.0.0/8]}\n"))
                .hasMessageContaining(
                        "gateway.yaml:2: listeners.trusted: true next to trustedProxies (expected: one of the two");
    }
}
