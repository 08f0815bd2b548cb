package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.testing.Installed;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the official SDKs make of an engine that fails inside its answer; see src/test/sdk/endings.py. */
class SdkEndingsTest {
    private static final Path SUITE = Path.of("src/test/sdk/endings.py");

    @Test
    void theSdksRaiseAnApiErrorAndNeverReturnAShortAnswer(@TempDir Path folder) throws Exception {
        var python = Installed.sdkPython();
        var settings = TwinSettings.DEFAULTS.withReplicas(1).withSpeedUp(50);
        try (var fleet = TwinFleet.start(settings)) {
            String twin = fleet.replica(0).url().toString();
            var file = Files.writeString(folder.resolve("gateway.yaml"), """
                    pools: [{endpoints: ["%s"]}]
                    timeouts: {idle: 200ms}
                    health: {consecutiveFailures: 1000}
                    """.formatted(twin));
            try (var gateway = TestGateway.configured(file)) {
                var process = new ProcessBuilder(
                                python.toString(),
                                SUITE.toString(),
                                gateway.url(),
                                settings.models().getFirst(),
                                twin)
                        .redirectErrorStream(true)
                        .start();
                List<String> lines;
                try (var output = process.inputReader()) {
                    lines = output.lines().toList();
                }
                assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
                assertThat(lines)
                        .hasSize(28)
                        .allSatisfy(line -> assertThat(line).startsWith("ok "));
            }
        }
    }
}
