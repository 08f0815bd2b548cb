package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.testing.TestCertificates;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that connect with TLS. */
class PickerTlsTest {
    private static final String PATH = "/v1/chat/completions";

    @TempDir
    private Path folder;

    /** The certificate and key of a name. */
    static TlsSettings files(String name) {
        return new TlsSettings(
                TestCertificates.certificate(name), TestCertificates.key(name), ClientCertificates.OFF, null);
    }

    private static ManagedChannel channel(InetSocketAddress address, SslContextBuilder trust) throws SSLException {
        return NettyChannelBuilder.forAddress("localhost", address.getPort())
                .sslContext(GrpcSslContexts.configure(trust, SslProvider.JDK).build())
                .build();
    }

    private static SslContextBuilder trusting(String authority) {
        return SslContextBuilder.forClient()
                .trustManager(TestCertificates.certificate(authority).toFile());
    }

    private static void exchange(ManagedChannel channel) {
        var call = new GatewayCall(channel).post(PATH).body(CHAT, true);
        assertThat(call.destination()).isNotEmpty();
        call.reset();
    }

    private static void refused(ManagedChannel channel) {
        var call = new GatewayCall(channel).post(PATH);
        assertThat(call.closed().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    private void replace(Path file, Path by) throws IOException {
        var copy = folder.resolve("copy");
        Files.copy(by, copy);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aNewCertificateIsTakenWhileAStreamStaysOpen() throws Exception {
        var certificate = Files.copy(TestCertificates.certificate("server"), folder.resolve("tls.crt"));
        var key = Files.copy(TestCertificates.key("server"), folder.resolve("tls.key"));
        var given = new PickerTls.Given(new TlsSettings(certificate, key, ClientCertificates.OFF, null));
        try (var picker = new PickerFixture(new Options().tls(given))) {
            var before = channel(picker.address(), trusting("ca"));
            var early = channel(picker.address(), trusting("other-ca"));
            var after = channel(picker.address(), trusting("other-ca"));
            try {
                var open = new GatewayCall(before).post(PATH).body(CHAT, true);
                open.destination();
                open.forwarded();
                refused(early);

                replace(certificate, TestCertificates.certificate("stranger"));
                await().atMost(Duration.ofSeconds(20)).until(() -> picker.refusedTlsFiles() == 1);
                replace(key, TestCertificates.key("stranger"));
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> subject(picker.address()).equals("CN=stranger"));
                exchange(after);

                open.responseHeaders(200, "application/json", false);
                assertThat(open.next().hasResponseHeaders()).isTrue();
                open.responseBody("{}", true);
                assertThat(open.passed(true)).isEqualTo("{}");
                exchange(before);
                var next = channel(picker.address(), trusting("ca"));
                refused(next);
                next.shutdownNow();
                assertThat(picker.report(3).outcome()).isEqualTo(Outcome.CLIENT_GONE);
                picker.assertAtRest();
            } finally {
                before.shutdownNow();
                early.shutdownNow();
                after.shutdownNow();
            }
        }
    }

    private static String subject(InetSocketAddress address) throws Exception {
        return shown(address).getSubjectX500Principal().getName();
    }

    /** Returns the certificate that a new connection gets. */
    private static X509Certificate shown(InetSocketAddress address) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", address.getPort())) {
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void aCertificateMadeAtTheStartIsGoodForWhoeverDoesNotCheckIt() throws Exception {
        try (var picker = new PickerFixture(new Options().tls(new PickerTls.SelfSigned()))) {
            var certificate = shown(picker.address());
            certificate.verify(certificate.getPublicKey());
            certificate.checkValidity(java.util.Date.from(Instant.now().plus(Duration.ofDays(3600))));
            assertThat(certificate.getSubjectAlternativeNames().toString()).contains("localhost");
            var trusting = channel(
                    picker.address(), SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE));
            var checking = channel(picker.address(), trusting("ca"));
            var plain = NettyChannelBuilder.forAddress(picker.address())
                    .usePlaintext()
                    .build();
            try {
                exchange(trusting);
                refused(checking);
                refused(plain);
                picker.report(1);
                picker.assertAtRest();
            } finally {
                trusting.shutdownNow();
                checking.shutdownNow();
                plain.shutdownNow();
            }
        }
    }

    @Test
    void onlyGatewaysWithACertificateIfThatIsDemanded() throws Exception {
        var demanding = new TlsSettings(
                TestCertificates.certificate("server"),
                TestCertificates.key("server"),
                ClientCertificates.REQUIRED,
                TestCertificates.certificate("ca"));
        try (var picker = new PickerFixture(new Options().tls(new PickerTls.Given(demanding)))) {
            var known = channel(
                    picker.address(),
                    trusting("ca")
                            .keyManager(
                                    TestCertificates.certificate("client").toFile(),
                                    TestCertificates.key("client").toFile()));
            var unknown = channel(picker.address(), trusting("ca"));
            try {
                exchange(known);
                refused(unknown);
            } finally {
                known.shutdownNow();
                unknown.shutdownNow();
            }
        }
    }

    @Test
    void filesThatCannotBeUsedAreToldAtTheStart() {
        var mixed = new TlsSettings(
                TestCertificates.certificate("server"), TestCertificates.key("client"), ClientCertificates.OFF, null);
        assertThatThrownBy(() -> new PickerFixture(new Options().tls(new PickerTls.Given(mixed))))
                .hasMessageContainingAll("client.key is not the key of", "server.pem");
    }
}
