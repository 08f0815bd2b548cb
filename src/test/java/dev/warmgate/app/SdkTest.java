package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.warmgate.testing.Installed;
import dev.warmgate.testing.TestCertificates;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The official OpenAI and Anthropic SDKs against a gateway over twins; the checks are in src/test/sdk/suite.py. */
class SdkTest {
    private static final Path SUITE = Path.of("src/test/sdk/suite.py");

    private static final TwinSettings TWINS =
            TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(4);

    @TestFactory
    Stream<DynamicTest> officialSdks() throws Exception {
        try (var fleet = TwinFleet.start(TWINS);
                var gateway = TestGateway.over(fleet)) {
            return suite(gateway.url(), TWINS.models().getFirst(), gateway.adminUrl());
        }
    }

    @TestFactory
    Stream<DynamicTest> officialSdksOverTlsAndHttp2(@TempDir Path folder) throws Exception {
        try (var fleet = TwinFleet.start(TWINS)) {
            var yaml = Files.writeString(folder.resolve("gateway.yaml"), """
                    listeners: {tls: {certificate: "%s", key: "%s"}}
                    pools: [{endpoints: [%s]}]
                    """.formatted(
                            TestCertificates.certificate("server"),
                            TestCertificates.key("server"),
                            fleet.replicas().stream()
                                    .map(replica -> replica.url().toString())
                                    .collect(Collectors.joining(", "))));
            try (var gateway = TestGateway.configured(yaml)) {
                return suite(
                        gateway.url().replace("http:", "https:"),
                        TWINS.models().getFirst(),
                        gateway.adminUrl(),
                        TestCertificates.certificate("ca").toString());
            }
        }
    }

    private static Stream<DynamicTest> suite(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(Installed.sdkPython().toString(), SUITE.toString()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines;
        try (var output = process.inputReader()) {
            lines = output.lines().toList();
        }
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(lines).as("output of the suite").hasSizeGreaterThan(10);
        return lines.stream().map(SdkTest::report);
    }

    private static DynamicTest report(String line) {
        String name = line.replaceFirst("^(ok|FAIL) ", "").replaceFirst(":.*", "");
        return DynamicTest.dynamicTest(name, () -> {
            if (!line.startsWith("ok ")) {
                fail(line);
            }
        });
    }
}
