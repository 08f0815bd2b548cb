package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS towards engines, with real certificates. */
class UpstreamTlsTest {
    private static final Path CA = TestCertificates.certificate("ca");
    private static final TlsSettings TRUSTING = new TlsSettings(CA, null, null, null, true);

    private static EngineLinks links(TlsSettings tls) throws GeneralSecurityException {
        var settings = new LinkSettings(Protocol.HTTP1, null, tls);
        return EngineLinks.of(new EngineLinks.Settings(Map.of("pool", settings), Map.of()));
    }

    private static Gateway gateway(EngineLinks links, URI... endpoints) {
        return Gateway.start(Gateway.Options.DEFAULT.outbound(new Outbound(links, List.of())), endpoints);
    }

    private static TlsSettings named(@Nullable String serverName, boolean verify) {
        return new TlsSettings(CA, serverName, null, null, verify);
    }

    @Test
    void aRequestGoesOverATrustedConnectionThatIsKept() throws Exception {
        try (var engine = FakeEngine.startTls("server", "", call -> call.chat("secret"));
                var gateway = gateway(links(TRUSTING), engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 5; i++) {
                assertThat(client.chat(false).response().text()).contains("secret");
                gateway.report(i);
            }
            assertThat(engine.connections()).isEqualTo(1);
            assertThat(engine.requests().getFirst().field("host")).isEqualTo("127.0.0.1:" + engine.port());
        }
    }

    @Test
    void largeBodiesAndStreamsPass() throws Exception {
        try (var engine = FakeEngine.startTls("server", "", call -> {
                    call.beginStream();
                    for (int i = 0; i < 500; i++) {
                        call.token("token " + i);
                    }
                    call.endStream();
                });
                var gateway = gateway(links(TRUSTING), engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", true).replace("warm", "warm".repeat(500_000));
            var answer = client.post("/v1/chat/completions", body).response();
            assertThat(answer.text()).contains("token 499").endsWith("data: [DONE]\n\n");
            assertThat(engine.requests().getFirst().body()).hasSizeGreaterThanOrEqualTo(body.length());
        }
    }

    @Test
    void aDiscoveredEndpointIsWhoItsSourceSaysUnlessConfiguredOtherwise() throws Exception {
        try (var engine = FakeEngine.startTls("elsewhere", "", call -> call.chat("found"))) {
            var names = Map.of(engine.uri().getAuthority(), "engine.example");
            for (var tls : List.of(TRUSTING, named("another.example", true))) {
                var links = links(tls);
                links.foundNames(names);
                try (var gateway = gateway(links, engine.uri());
                        var client = gateway.client()) {
                    assertThat(client.chat(false).response().status()).isEqualTo(tls.equals(TRUSTING) ? 200 : 503);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"elsewhere,wrong_name", "expired,expired", "stranger,untrusted"})
    void anEngineThatCannotBeTrustedIsNotReached(String certificate, String reason) throws Exception {
        var links = links(TRUSTING);
        try (var engine = FakeEngine.startTls(certificate, "", call -> call.chat("forged"));
                var gateway = gateway(links, engine.uri());
                var client = gateway.client()) {
            var answer = client.chat(false).response();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("retry-after")).isNotNull();
            assertThat(gateway.outcome(1)).isEqualTo(Outcome.NO_ENDPOINT);
            assertThat(links.faults()).containsEntry(reason, 1L);
            assertThat(engine.requests()).isEmpty();
        }
    }

    @Test
    void anEngineWithoutTlsIsNamedAsSuch() throws Exception {
        var links = links(TRUSTING);
        try (var listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var gateway = gateway(links, URI.create("https://127.0.0.1:" + listening.getLocalPort()));
                var client = gateway.client()) {
            Thread.startVirtualThread(() -> {
                try (var socket = listening.accept()) {
                    var _ = socket.getInputStream().read();
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // the gateway's way to end the connection
                }
            });
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            assertThat(links.faults()).containsEntry("not_tls", 1L);
        }
    }

    @Test
    void anotherEndpointIsTriedWhenOneCannotBeTrusted() throws Exception {
        try (var bad = FakeEngine.startTls("stranger", "", call -> call.chat("forged"));
                var good = FakeEngine.startTls("server", "", call -> call.chat("true"));
                var gateway = gateway(links(TRUSTING), bad.uri(), good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("true");
            assertThat(gateway.report(1).retries()).isEqualTo(1);
        }
    }

    @Test
    void theNameThatIsExpectedCanBeConfiguredAndCheckingCanBeLeftOut() throws Exception {
        try (var elsewhere = FakeEngine.startTls("elsewhere", "", call -> call.chat("named"));
                var gateway = gateway(links(named("engine.example", true)), elsewhere.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("named");
        }
        try (var stranger = FakeEngine.startTls("stranger", "", call -> call.chat("unchecked"));
                var gateway = gateway(links(named(null, false)), stranger.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("unchecked");
        }
    }

    @Test
    void ourOwnCertificateIsShownToEnginesThatAsk() throws Exception {
        var own =
                new TlsSettings(CA, null, TestCertificates.certificate("client"), TestCertificates.key("client"), true);
        try (var engine = FakeEngine.startTls("server", "ca", call -> call.chat("known"));
                var known = gateway(links(own), engine.uri());
                var client = known.client()) {
            assertThat(client.chat(false).response().text()).contains("known");
        }
        var links = links(TRUSTING);
        try (var engine = FakeEngine.startTls("server", "ca", call -> call.chat("known"));
                var unknown = gateway(links, engine.uri());
                var client = unknown.client()) {
            assertThat(client.chat(false).response().status()).isGreaterThanOrEqualTo(502);
            assertThat(links.faults()).containsEntry("refused", 1L);
            assertThat(engine.requests()).isEmpty();
        }
    }

    @Test
    void aChangedFileCountsForNewConnections(@TempDir Path folder) throws Exception {
        var file = folder.resolve("ca.pem");
        Files.copy(TestCertificates.certificate("other-ca"), file);
        var links = links(new TlsSettings(file, null, null, null, true));
        try (var engine = FakeEngine.startTls("server", "", call -> call.chat("trusted now"));
                var gateway = gateway(links, engine.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            write(file, "rubbish");
            links.refresh(); // what was read before stays
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            write(file, Files.readString(CA));
            links.refresh();
            gateway.endpoint(0).reportSuccess();
            assertThat(client.chat(false).response().text()).contains("trusted now");
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }
}
