package dev.warmgate.proxy;

import static dev.warmgate.proxy.front.ClientLimits.UNLIMITED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.router.RequestReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol, byte by byte, and as curl speaks it. */
class ProxyProtocolTest {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");

    @TempDir
    Path folder;

    private final FakeEngine engine = FakeEngine.start(call -> call.chat("ok"));

    @AfterEach
    void close() throws IOException {
        engine.close();
    }

    private Gateway gateway(UnaryOperator<FrontSettings> adjust) {
        return Gateway.start(Gateway.proxied(adjust), engine.uri());
    }

    /** Makes a header of version 2 with two addresses, ports 4711 and 443, and something more that nobody knows. */
    private static byte[] version2(int command, String source, String destination) throws IOException {
        var addresses = new ByteArrayOutputStream();
        byte[] from = InetAddress.ofLiteral(source).getAddress();
        addresses.writeBytes(from);
        addresses.writeBytes(InetAddress.ofLiteral(destination).getAddress());
        addresses.writeBytes(HexFormat.of().parseHex("126701bb" + "ea0003010203"));
        var header = new ByteArrayOutputStream();
        header.writeBytes(SIGNATURE);
        header.write(0x20 | command);
        header.write(from.length == 4 ? 0x11 : 0x21);
        header.write(0);
        header.write(addresses.size());
        header.writeBytes(addresses.toByteArray());
        return header.toByteArray();
    }

    private void assertTold(Gateway gateway, byte[] header, String address) throws IOException {
        try (var client = gateway.client()) {
            // In one go, so that the request comes with the header.
            var bytes = new ByteArrayOutputStream();
            bytes.writeBytes(header);
            bytes.writeBytes("GET /v1/x HTTP/1.1\r\nHost: g\r\n\r\n".getBytes(UTF_8));
            client.send(bytes.toByteArray());
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().field("x-forwarded-for")).isEqualTo(address);
            client.get("/v1/y");
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().field("x-forwarded-for")).isEqualTo(address);
        }
        await().until(() -> gateway.reports().size() == 2);
        assertThat(gateway.reports()).extracting(RequestReport::client).containsOnly(address);
        gateway.reports().clear();
    }

    @Test
    void theAddressThatIsToldIsTheClients() throws IOException {
        try (var gateway = gateway(f -> f)) {
            assertTold(gateway, "PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n".getBytes(UTF_8), "192.0.2.1");
            assertTold(gateway, "PROXY TCP6 2001:db8::1 2001:db8::9 1 443\r\n".getBytes(UTF_8), "2001:db8::1");
            assertTold(gateway, "PROXY UNKNOWN\r\n".getBytes(UTF_8), "127.0.0.1");
            assertTold(gateway, version2(1, "192.0.2.2", "192.0.2.9"), "192.0.2.2");
            assertTold(gateway, version2(1, "2001:db8::2", "2001:db8::9"), "2001:db8::2");
            // The load balancer's own connection.
            assertTold(gateway, version2(0, "192.0.2.2", "192.0.2.9"), "127.0.0.1");
            assertThat(gateway.proxy().clients().headersRefused()).isZero();
        }
    }

    @Test
    void aHeaderMayComeByteByByte() throws IOException {
        try (var gateway = gateway(f -> f);
                var client = gateway.client()) {
            for (byte b : version2(1, "192.0.2.3", "192.0.2.9")) {
                client.send(new byte[] {b});
            }
            client.get("/v1/x");
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(engine.requests().getLast().field("x-forwarded-for")).isEqualTo("192.0.2.3");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/models HTTP/1.1\r\nHost: g\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "PROXY TCP4 192.0.2.1\r\n",
                "PROXY TCP4 nonsense 192.0.2.9 4711 443\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.9 4711 70000\r\n",
                "PROXY TCP4 192.0.2.1 192.0.2.9 4711 443 and so on without an end, longer than any header may be, which is 107",
                "\r\n\r\n\0\r\nQUIT\n1\u0011\0\u000c0123456789ab",
                "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u00020123456789ab"
            })
    void aConnectionWithoutAHeaderIsClosedAndCounted(String bytes) throws IOException {
        try (var gateway = gateway(f -> f);
                var client = gateway.client()) {
            client.send(bytes);
            assertThat(endsWithoutAnswer(client)).isTrue();
            await().until(() -> gateway.proxy().clients().headersRefused() == 1);
            assertThat(gateway.proxy().begun()).isZero();
        }
    }

    /** A reset is also an end: we close with bytes unread. */
    private static boolean endsWithoutAnswer(Client client) {
        try {
            return client.closed();
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void aHeaderThatDoesNotComeIsNotAwaitedForEver() throws IOException {
        UnaryOperator<FrontSettings> quick = f -> new FrontSettings(
                f.listen(),
                f.tls(),
                f.maxHeaderBytes(),
                Duration.ofMillis(200),
                f.keepAliveTimeout(),
                f.maxRequestsPerConnection(),
                f.limits(),
                f.proxyProtocol());
        try (var gateway = gateway(quick);
                var client = gateway.client()) {
            client.send("PROXY TCP4 ");
            assertThat(client.closed()).isTrue();
            await().until(() -> gateway.proxy().clients().headersRefused() == 1);
        }
    }

    @Test
    void limitsAreForTheAddressThatIsTold() throws IOException {
        var limits = new ClientLimits(128, 100, 1, UNLIMITED, UNLIMITED, Duration.ofMinutes(1), _ -> false);
        UnaryOperator<FrontSettings> limited = f -> new FrontSettings(
                f.listen(),
                f.tls(),
                f.maxHeaderBytes(),
                f.headerReadTimeout(),
                f.keepAliveTimeout(),
                f.maxRequestsPerConnection(),
                limits,
                f.proxyProtocol());
        try (var gateway = gateway(limited);
                var first = gateway.client();
                var second = gateway.client();
                var third = gateway.client()) {
            first.send("PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n").chat(false);
            assertThat(first.response().status()).isEqualTo(200);
            second.send("PROXY TCP4 192.0.2.2 192.0.2.9 4711 443\r\n").chat(false);
            assertThat(second.response().status()).isEqualTo(200);
            third.send("PROXY TCP4 192.0.2.1 192.0.2.9 4712 443\r\n");
            assertThat(endsWithoutAnswer(third)).isTrue();
            assertThat(gateway.proxy().clients().refusedOfClients()).isEqualTo(1);
            assertThat(gateway.proxy().clients().headersRefused()).isZero();
        }
    }

    @Test
    void curlSpeaksItBeforeTlsToo() throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        UnaryOperator<FrontSettings> tls = f -> new FrontSettings(
                f.listen(),
                server.settings(),
                f.maxHeaderBytes(),
                f.headerReadTimeout(),
                f.keepAliveTimeout(),
                f.maxRequestsPerConnection(),
                f.limits(),
                f.proxyProtocol());
        try (var plain = gateway(f -> f);
                var secure = gateway(tls)) {
            assertThat(curl(plain, server, "http", "--http1.1")).endsWith("HTTP/1.1 200");
            assertThat(curl(plain, server, "http", "--http2-prior-knowledge")).endsWith("HTTP/2 200");
            assertThat(curl(secure, server, "https", "--http1.1")).endsWith("HTTP/1.1 200");
            assertThat(curl(secure, server, "https", "--http2")).endsWith("HTTP/2 200");
            assertThat(engine.requests()).hasSize(4);
        }
    }

    private static String curl(Gateway gateway, Certificates server, String scheme, String version) throws Exception {
        return Certificates.run(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "30",
                "--haproxy-protocol",
                "--cacert",
                server.certificate().toString(),
                "--write-out",
                " HTTP/%{http_version} %{response_code}",
                version,
                scheme + "://127.0.0.1:" + gateway.proxy().address().getPort() + "/v1/x"));
    }
}
