package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.warmgate.testing.Installed;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The official OpenAI and Anthropic SDKs against a gateway over twins; the checks are in src/test/sdk/suite.py. */
class SdkTest {
    private static final Path SUITE = Path.of("src/test/sdk/suite.py");

    @TestFactory
    Stream<DynamicTest> officialSdks() throws Exception {
        var python = Installed.sdkPython();
        var settings = TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(4);
        try (var fleet = TwinFleet.start(settings);
                var gateway = TestGateway.over(fleet)) {
            var process = new ProcessBuilder(
                            python.toString(),
                            SUITE.toString(),
                            gateway.url(),
                            settings.models().getFirst(),
                            gateway.adminUrl())
                    .redirectErrorStream(true)
                    .start();
            List<String> lines;
            try (var output = process.inputReader()) {
                lines = output.lines().toList();
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(lines).as("output of the suite").hasSizeGreaterThan(10);
            return lines.stream().map(SdkTest::report);
        }
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
