package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.tls.TlsFiles;
import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with real clients (curl) and certificates (openssl). */
class TlsTest {
    private static final String CHAT = Client.chatBody("m", false);

    @TempDir
    private Path folder;

    private static String curl(Gateway gateway, Certificates trusted, String... options)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "30",
                "--cacert",
                trusted.certificate().toString(),
                "--write-out",
                " HTTP/%{http_version} %{response_code}",
                "--data",
                CHAT));
        command.addAll(List.of(options));
        command.add("https://127.0.0.1:" + gateway.proxy().address().getPort() + "/v1/chat/completions");
        return Certificates.run(command);
    }

    @Test
    void bothProtocolsInBothVersions() throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        try (var engine = FakeEngine.start(call -> call.chat("hello"));
                var gateway = Gateway.start(Gateway.tls(server.settings()), engine.uri())) {
            for (String version : List.of("1.2", "1.3")) {
                String[] only = {"--tlsv" + version, "--tls-max", version};
                assertThat(curl(gateway, server, only[0], only[1], only[2], "--http2"))
                        .contains("hello")
                        .endsWith("HTTP/2 200");
                assertThat(curl(gateway, server, only[0], only[1], only[2], "--http1.1"))
                        .contains("hello")
                        .endsWith("HTTP/1.1 200");
            }
            assertThatThrownBy(() -> curl(gateway, server, "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"))
                    .isInstanceOf(IOException.class);
            await().until(() -> gateway.proxy().failedHandshakes() == 1);
            try (var plain = gateway.client()) {
                plain.get("/v1/models");
                assertThatThrownBy(() -> plain.response().status()).isInstanceOf(IOException.class);
            }
            gateway.report(4);
        }
    }

    @Test
    void clientCertificates() throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        var ca = Certificates.selfSigned(folder, "ca");
        var client = ca.issue(folder, "client");
        var stranger = Certificates.selfSigned(folder, "stranger");
        String[] known = {
            "--cert", client.certificate().toString(), "--key", client.key().toString()
        };
        String[] unknown = {
            "--cert", stranger.certificate().toString(), "--key", stranger.key().toString()
        };
        try (var engine = FakeEngine.start(call -> call.chat("hello"));
                var strict =
                        Gateway.start(Gateway.tls(server.settings(ClientCertificates.REQUIRED, ca)), engine.uri());
                var lax = Gateway.start(Gateway.tls(server.settings(ClientCertificates.OPTIONAL, ca)), engine.uri())) {
            for (var gateway : List.of(strict, lax)) {
                assertThat(curl(gateway, server, known)).endsWith("HTTP/2 200");
                assertThatThrownBy(() -> curl(gateway, server, unknown)).isInstanceOf(IOException.class);
            }
            assertThatThrownBy(() -> curl(strict, server)).isInstanceOf(IOException.class);
            assertThat(curl(lax, server)).endsWith("HTTP/2 200");
            strict.report(1);
            lax.report(2);
        }
    }

    @Test
    void aNewCertificateIsTakenWithoutDroppingConnectionsAndABadOneIsNot() throws Exception {
        var first = Certificates.selfSigned(folder, "first");
        var second = Certificates.selfSigned(folder, "second");
        try (var gateway = Gateway.start(Gateway.tls(first.settings()), URI.create("http://127.0.0.1:1"));
                var old = new Connection(gateway)) {
            assertThat(old.subject()).isEqualTo("CN=first");
            assertThat(old.models()).contains("200 OK");

            // The certificate without its key: kept out, told and counted.
            replace(first.certificate(), second.certificate());
            await().atMost(Duration.ofSeconds(20)).until(() -> gateway.proxy().refusedTlsFiles() == 1);
            try (var still = new Connection(gateway)) {
                assertThat(still.subject()).isEqualTo("CN=first");
            }

            replace(first.key(), second.key());
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                try (var next = new Connection(gateway)) {
                    return next.subject().equals("CN=second") && next.models().contains("200 OK");
                }
            });
            assertThat(old.models()).contains("200 OK");
            assertThat(gateway.proxy().refusedTlsFiles()).isEqualTo(1);
        }
    }

    private static void replace(Path file, Path by) throws IOException {
        var copy = file.resolveSibling("copy.pem");
        Files.copy(by, copy);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A client of HTTP/1.0 takes the connection's end for the answer's: TLS must not make that look orderly. */
    @Test
    void anAnswerThatBreaksOffIsNotTakenForWhole() throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n");
                    call.close();
                });
                var gateway = Gateway.start(Gateway.tls(server.settings()), engine.uri());
                var client = new Connection(gateway)) {
            client.send("GET /v1/thing HTTP/1.0\r\n\r\n");
            assertThatThrownBy(client::readAll).isInstanceOf(IOException.class);
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamedWithTheReason() throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        var other = Certificates.selfSigned(folder, "other");
        var nothing = folder.resolve("nothing.pem");
        var text = Files.writeString(folder.resolve("text.pem"), "not PEM");
        var old = folder.resolve("old-key.pem");
        Certificates.run(
                List.of("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", old.toString()));
        assertThat(TlsFiles.problem(server.settings())).isNull();
        assertThat(problem(nothing, server.key())).isEqualTo(nothing + " cannot be read: no such file");
        assertThat(problem(text, server.key())).startsWith(text + " holds no");
        assertThat(problem(server.certificate(), text)).startsWith(text + " holds no key that can be read");
        assertThat(problem(server.certificate(), old)).contains("openssl pkcs8 -topk8 -nocrypt");
        assertThat(problem(server.certificate(), other.key()))
                .startsWith(other.key() + " is not the key of " + server.certificate());
        assertThatThrownBy(() -> Gateway.start(
                        Gateway.tls(new TlsSettings(nothing, server.key(), ClientCertificates.OFF, null)),
                        URI.create("http://127.0.0.1:1")))
                .hasMessageContaining("no such file");
    }

    private static String problem(Path certificate, Path key) {
        return String.valueOf(TlsFiles.problem(new TlsSettings(certificate, key, ClientCertificates.OFF, null)));
    }

    /** Connects, trusting everybody, to speak HTTP/2. */
    static Socket connectHttp2(Gateway gateway) throws Exception {
        var socket = connect(gateway);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    static SSLContext trusting() throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        return context;
    }

    private static SSLSocket connect(Gateway gateway) throws Exception {
        var socket = (SSLSocket) trusting()
                .getSocketFactory()
                .createSocket("127.0.0.1", gateway.proxy().address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** One TLS connection that trusts everybody and speaks HTTP/1.1. */
    private static final class Connection implements AutoCloseable {
        private final SSLSocket socket;
        private final Http.Input in;

        Connection(Gateway gateway) throws Exception {
            socket = connect(gateway);
            socket.startHandshake();
            in = new Http.Input(socket.getInputStream());
        }

        String subject() throws IOException {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
        }

        String models() throws IOException {
            send("GET /v1/models HTTP/1.1\r\nHost: gateway\r\n\r\n");
            return in.readResponse(false).line();
        }

        void readAll() throws IOException {
            while (in.read() >= 0) {}
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String how) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String how) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
