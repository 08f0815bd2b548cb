package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The command {@code simulate}, on a workload of a few seconds. */
@Timeout(120)
class SimulateCommandTest {
    private static final String[] SMALL = {"simulate", "--workload=demo", "--replicas=4", "--policies=warm,round-robin"
    };

    @Test
    void printsATableAndWritesBothReports(@TempDir Path folder) throws Exception {
        var json = folder.resolve("run.json");
        var html = folder.resolve("run.html");
        var run = with("--json", json.toString(), "--html", html.toString(), "--time-scale=3");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "TTFT p99",
                        "E2E p90",
                        "imbalance",
                        "warm's mean TTFT is",
                        "Figures: " + json,
                        "Report:  " + html);
        checkShape(new ObjectMapper().readTree(Files.readString(json)));
        assertThat(Files.readString(html))
                .contains("<title>Warmgate simulation", "./warmgate simulate --workload demo", "--time-scale 3")
                .doesNotContain("NaN", "--json");
    }

    @Test
    void equalSeedsGiveEqualBytesWhateverTheThreads() {
        var first = with("--json=-", "--time-scale=3", "--threads=1", "--jitter=0.01", "--gateways=2");
        var second = with("--json=-", "--time-scale=3", "--threads=4", "--jitter=0.01", "--gateways=2");
        assertThat(first.exitCode()).isZero();
        assertThat(second.out()).isEqualTo(first.out());
        checkShape(new ObjectMapper().readTree(first.out()));
        assertThat(with("--json=-", "--time-scale=3", "--seed=2").out()).isNotEqualTo(first.out());
    }

    private static void checkShape(JsonNode root) {
        assertThat(root.path("workload").stringValue()).isEqualTo("demo");
        assertThat(root.path("replicas").intValue()).isEqualTo(4);
        assertThat(root.path("profile").stringValue()).isEqualTo("qwen3-32b-tp2-h100");
        assertThat(root.path("timeScale").doubleValue()).isEqualTo(3);
        assertThat(root.path("seed").intValue()).isEqualTo(1);
        assertThat(root.path("policies").propertyNames()).containsExactly("warm", "round-robin");
        for (var policy : root.path("policies")) {
            assertThat(policy.path("completed")).isEqualTo(policy.path("requests"));
            assertThat(policy.path("requests").intValue()).isPositive();
            for (var name : List.of("ttft", "tpot", "itl", "e2e")) {
                assertThat(policy.path(name).propertyNames()).containsExactly("mean", "p50", "p90", "p99");
                assertThat(policy.path(name).path("mean").doubleValue()).isPositive();
            }
            for (var name : List.of(
                    "sloAttainment", "goodput", "hitRatio", "outputTokensPerSecond", "preemptions", "imbalance")) {
                assertThat(policy.path(name).isNumber()).as(name).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --workload=nothing       | --workload: "nothing" (expected: coding, hotspot
            --policies=warm,hot      | --policies: "hot" (expected: warm, round-robin
            --policies=warm,warm     | --policies: warm,warm (expected: at least one, none twice)
            --replicas=0             | --replicas: 0 (expected: 1 to 1000)
            --replicas=many          | invalid value for option '--replicas'
            --profile=tpu            | --profile: "tpu" (expected: qwen3-32b-tp2-h100
            --time-scale=0           | --time-scale: 0.0 (expected: 0.01 to 100)
            --time-scale=NaN         | --time-scale: NaN (expected: 0.01 to 100)
            --warmup=1               | --warmup: 1.0 (expected: at least 0, less than 1)
            --slo-ttft=-1            | --slo-ttft: -1.0 (expected: seconds, at least 0)
            --metrics-age=old        | --metrics-age: "old" (expected: seconds, at least 0, or none)
            --metrics-age=-1         | --metrics-age: "-1" (expected: seconds, at least 0, or none)
            --gateways=0             | --gateways: 0 (expected: 1 to 64)
            --slow-replica=0.5       | --slow-replica: 0.5 (expected: 1 to 1000)
            --jitter=99              | --jitter: 99.0 (expected: 0 to 10)
            --endpoint-restart=-1    | --endpoint-restart: -1.0 (expected: at least 0)
            --threads=0              | --threads: 0 (expected: 1 to 256)
            --trace-block-size=0     | --trace-block-size: 0 (expected: 1 to 1000000)
            --json=/none/x.json      | --json: "/none/x.json" (expected: a file in a folder that can be written to)
            --html=/none/x.html      | --html: "/none/x.html" (expected: a file in a folder that can be written to)
            """)
    void everyBadValueIsOneLineWithWhatIsAllowed(String option, String message) {
        var arguments = option.startsWith("--workload")
                ? new String[] {"simulate", option}
                : new String[] {"simulate", "--workload=demo", option};
        var run = CommandRun.of(arguments);
        assertThat(run.err()).startsWith("warmgate simulate: " + message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void aTraceIsReadAndItsMistakesAreNamed(@TempDir Path folder) throws Exception {
        var line = "{\"timestamp\":%d,\"input_length\":%d,\"output_length\":20,\"hash_ids\":[1,2]}\n";
        var good = Files.writeString(folder.resolve("good.jsonl"), line.formatted(0, 600) + line.formatted(500, 700));
        var run = CommandRun.of("simulate", "--workload=" + good, "--json=-");
        assertThat(run.err()).isEmpty();
        assertThat(new ObjectMapper()
                        .readTree(run.out())
                        .path("policies")
                        .path("warm")
                        .path("requests")
                        .intValue())
                .isEqualTo(1);

        var bad = Files.writeString(folder.resolve("bad.jsonl"), line.formatted(0, 600) + line.formatted(500, 2000));
        assertThat(CommandRun.of("simulate", "--workload=" + bad))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "warmgate simulate: " + bad
                                + ":2: hash_ids: 2 of them (expected: 4, one for each 512 of 2000 tokens)\n"));
        var huge = Files.writeString(folder.resolve("huge.jsonl"), line.formatted(0, 1_600_000));
        assertThat(CommandRun.of("simulate", "--workload=" + huge, "--trace-block-size=900000", "--warmup=0")
                        .err())
                .startsWith(
                        "warmgate simulate: --workload: huge.jsonl has a request of 1600020 tokens (expected: at most"
                                + " 307328, the KV cache of qwen3-32b-tp2-h100)");
        assertThat(CommandRun.of("simulate", "--workload=" + huge, "--trace-block-size=900000")
                        .err())
                .startsWith("warmgate simulate: --warmup: 0.15 leaves none of 1 requests (expected: less)");
    }

    @Test
    void aWorkloadIsRequired() {
        assertThat(CommandRun.of("simulate"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "warmgate simulate: missing required option: '--workload=NAME|FILE' (see warmgate simulate"
                                + " --help)\n"));
    }

    private static CommandRun with(String... more) {
        var arguments = new String[SMALL.length + more.length];
        System.arraycopy(SMALL, 0, arguments, 0, SMALL.length);
        System.arraycopy(more, 0, arguments, SMALL.length, more.length);
        return CommandRun.of(arguments);
    }
}
