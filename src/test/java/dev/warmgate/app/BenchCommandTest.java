package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.ObjectMapper;

/** The command {@code bench} against simulated model servers. */
@Timeout(120)
class BenchCommandTest {
    @Test
    void measuresATargetAndWritesBothReports(@TempDir Path folder) throws Exception {
        var json = folder.resolve("bench.json");
        var html = folder.resolve("bench.html");
        try (var fleet = TwinFleet.start(
                TwinSettings.DEFAULTS.withListen("127.0.0.1", 0).withReplicas(1).withSpeedUp(50))) {
            var run = CommandRun.of(
                    "bench",
                    fleet.replica(0).url() + "/v1",
                    "--workload=demo",
                    "--requests=60",
                    "--speed-up=50",
                    "--policy-name=direct",
                    "--json=" + json,
                    "--html=" + html);
            assertThat(run.err()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).contains("direct", "ITL p99", "E2E mean").doesNotContain("preemptions", "imbalance");
        }
        var root = new ObjectMapper().readTree(Files.readString(json));
        assertThat(root.path("model").stringValue()).isEqualTo("qwen3-32b");
        assertThat(root.path("ignoreEos").booleanValue()).isTrue();
        assertThat(root.path("maxInFlight").isNull()).isTrue();
        assertThat(root.path("replicas").isNull()).isTrue();
        var figures = root.path("policies").path("direct");
        assertThat(figures.path("requests").intValue()).isEqualTo(51);
        assertThat(figures.path("completed").intValue()).isEqualTo(51);
        assertThat(figures.path("hitRatio").doubleValue()).isPositive();
        assertThat(figures.path("itl").path("mean").doubleValue()).isPositive();
        assertThat(figures.path("preemptions").isNull()).isTrue();
        assertThat(figures.path("imbalance").isNull()).isTrue();
        assertThat(Files.readString(html)).contains("Warmgate bench").doesNotContain("NaN", "queued in the engines");
    }

    @Test
    void aTargetThatDoesNotListenIsOneLine() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        for (var model : new String[] {"--seed=1", "--model=some"}) {
            assertThat(CommandRun.of("bench", "http://127.0.0.1:" + port, "--workload=demo", model))
                    .isEqualTo(new CommandRun(
                            1, "", "warmgate bench: cannot connect to http://127.0.0.1:" + port + "/v1/models\n"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --requests=0    | --requests: 0 (expected: at least 1)
            --speed-up=0    | --speed-up: 0.0 (expected: above 0, at most 1000)
            --max-in-flight=0 | --max-in-flight: 0 (expected: at least 1)
            --ignore-eos=no | --ignore-eos: "no" (expected: auto, always, never)
            --timeout=NaN   | --timeout: NaN (expected: above 0, at most 86400)
            --json=/none/x  | --json: "/none/x" (expected: a file in a folder that can be written to)
            """)
    void everyBadValueIsOneLineWithWhatIsAllowed(String option, String message) {
        var run = CommandRun.of("bench", "http://127.0.0.1:9", "--workload=demo", option);
        assertThat(run.err()).startsWith("warmgate bench: " + message).hasLineCount(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void theTargetIsAUrl() {
        assertThat(CommandRun.of("bench", "127.0.0.1:8080", "--workload=demo").err())
                .startsWith(
                        "warmgate bench: target: \"127.0.0.1:8080\" (expected: a URL such as http://127.0.0.1:8080");
    }
}
