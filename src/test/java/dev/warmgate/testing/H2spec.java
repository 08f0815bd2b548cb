package dev.warmgate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.w3c.dom.Element;

/** The conformance suite for HTTP/2. */
public final class H2spec {
    private H2spec() {}

    /**
     * Runs the suite against a server on loopback; without the suite, that is said and the test is skipped.
     *
     * @param path what is asked for
     * @param folder for its report
     * @param options more of its options
     * @param otherwise cases that may fail, by name
     * @return a test for each of its cases
     */
    public static Stream<DynamicTest> run(
            int port, String path, Path folder, List<String> options, Set<String> otherwise) throws Exception {
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
                path,
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
