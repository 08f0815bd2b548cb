package dev.warmgate.proxy;

import dev.warmgate.testing.H2spec;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The conformance suite for HTTP/2, h2spec, against the listening front door. */
class H2specTest {
    private static final String PATH = "/v1/models";

    /**
     * On the port without TLS HTTP/1.1 is spoken too: what does not begin like HTTP/2 is answered as a bad request of
     * HTTP/1.1 before the connection ends, which the suite does not expect.
     */
    private static final Set<String> ANSWERED_IN_HTTP_1 = Set.of("Sends invalid connection preface");

    @TestFactory
    Stream<DynamicTest> withoutTls(@TempDir Path folder) throws Exception {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"))) {
            return H2spec.run(gateway.proxy().address().getPort(), PATH, folder, List.of(), ANSWERED_IN_HTTP_1);
        }
    }

    @TestFactory
    Stream<DynamicTest> withTls(@TempDir Path folder) throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        try (var gateway = Gateway.start(Gateway.tls(server.settings()), URI.create("http://127.0.0.1:1"))) {
            return H2spec.run(
                    gateway.proxy().address().getPort(), PATH, folder, List.of("--tls", "--insecure"), Set.of());
        }
    }
}
