package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.warmgate.testing.Installed;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** The conformance suite for HTTP/2, h2spec, against the listening front door. */
class H2specTest {
    /**
     * On the port without TLS HTTP/1.1 is spoken too: what does not begin like HTTP/2 is answered as a bad request of
     * HTTP/1.1 before the connection ends, which the suite does not expect.
     */
    private static final Set<String> ANSWERED_IN_HTTP_1 = Set.of("Sends invalid connection preface");

    @TestFactory
    Stream<DynamicTest> withoutTls(@TempDir Path folder) throws Exception {
        try (var gateway = Gateway.start(URI.create("http://127.0.0.1:1"))) {
            return run(gateway.proxy().address().getPort(), folder, List.of(), ANSWERED_IN_HTTP_1);
        }
    }

    @TestFactory
    Stream<DynamicTest> withTls(@TempDir Path folder) throws Exception {
        var server = Certificates.selfSigned(folder, "server");
        try (var gateway = Gateway.start(Gateway.tls(server.settings()), URI.create("http://127.0.0.1:1"))) {
            return run(gateway.proxy().address().getPort(), folder, List.of("--tls", "--insecure"), Set.of());
        }
    }

    private static Stream<DynamicTest> run(int port, Path folder, List<String> options, Set<String> otherwise)
            throws Exception {
        Path h2spec;
        try {
            h2spec = Installed.h2spec();
        } catch (IllegalStateException e) {
            return abort("h2spec cannot be had: " + e.getMessage());
        }
        var report = folder.resolve("report.xml");
        var command = new ArrayList<>(List.of(
                h2spec.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--path",
                "/v1/models",
                "--timeout",
                "5",
                "--junit-report",
                report.toString()));
        command.addAll(options);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output;
        try (var lines = process.inputReader()) {
            output = String.join("\n", lines.lines().toList());
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(report).as(output).exists();
        var cases = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("testcase");
        assertThat(cases.getLength()).as(output).isGreaterThan(140);
        var tests = new ArrayList<DynamicTest>();
        for (int i = 0; i < cases.getLength(); i++) {
            var one = (Element) cases.item(i);
            String name = one.getAttribute("classname");
            boolean passed = one.getElementsByTagName("failure").getLength() == 0
                    && one.getElementsByTagName("error").getLength() == 0;
            tests.add(DynamicTest.dynamicTest(one.getAttribute("package") + ": " + name, () -> {
                if (!passed && !otherwise.contains(name)) {
                    fail(one.getTextContent());
                }
            }));
        }
        return tests.stream();
    }
}
