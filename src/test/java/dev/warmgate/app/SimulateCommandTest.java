package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
    @Test
    void printsATableAndWritesBothReports(@TempDir Path folder) throws Exception {
        var json = folder.resolve("run.json");
        var html = folder.resolve("run.html");
        var run = CommandRun.of(
                "simulate",
                "--workload=demo",
                "--time-scale=3",
                "--replicas=4",
                "--json",
                json.toString(),
                "--html",
                html.toString());
        // On a busy machine it takes long enough to say how far it is.
        assertThat(run.err().lines()).allMatch(line -> line.matches("\\S+: [\\d,]+ of [\\d,]+ requests"));
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
    void equalSeedsGiveEqualBytesWhateverTheThreads(@TempDir Path folder) throws Exception {
        var trace = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            trace.append("{\"timestamp\":%d,\"input_length\":1500,\"output_length\":50,\"hash_ids\":[%d,%d,%d]}\n"
                    .formatted(i * 40, i % 3, 10 + i % 7, 100 + i));
        }
        var file = Files.writeString(folder.resolve("trace.jsonl"), trace);
        var chance = new String[] {"--jitter=0.01", "--gateways=2", "--policies=random,warm", "--replicas=4"};
        var first = json(file, "--seed=1", "--threads=1", chance);
        var second = json(file, "--seed=1", "--threads=4", chance);
        assertThat(first.exitCode()).isZero();
        assertThat(first.err()).isEmpty();
        assertThat(second).isEqualTo(first);
        assertThat(json(file, "--seed=2", "--threads=4", chance).out()).isNotEqualTo(first.out());

        var sweep = json(file, "--seed=1", "--sweep", chance);
        assertThat(sweep).isEqualTo(json(file, "--seed=1", "--sweep", chance));
        var node = new ObjectMapper().readTree(sweep.out()).path("sweep");
        assertThat(node.propertyNames()).containsExactly("random", "warm");
        assertThat(node.path("warm").path("points").size()).isGreaterThan(10);
    }

    @Test
    void explainsRequestsUnderEveryPolicyWithoutChangingWhatHappens(@TempDir Path folder) throws Exception {
        var json = folder.resolve("run.json");
        var plain = List.of("simulate", "--workload=demo", "--time-scale=3", "--replicas=3");
        var text =
                with(plain, "--explain=7", "--explain=40,7", "--json=" + json).out();
        assertThat(text)
                .startsWith(CommandRun.of(plain.toArray(String[]::new)).out())
                .contains(
                        "Request 7 under warm, sent at ",
                        "Request 7 under round-robin, sent at ",
                        "Request 40 under warm, sent at ",
                        "  Why:  round-robin compares no costs; endpoint-",
                        "  Then: TTFT ",
                        " prompt tokens from the cache (predicted ",
                        "> endpoint-");
        assertThat(text.indexOf("Request 7 under warm"))
                .isLessThan(text.indexOf("Request 40 under warm"))
                .isEqualTo(text.lastIndexOf("Request 7 under warm"));

        var policies = new ObjectMapper().readTree(Files.readString(json)).path("policies");
        var warm = policies.path("warm").path("explained");
        assertThat(warm).hasSize(2);
        checkExplained(warm.get(1));
        var blind = policies.path("round-robin").path("explained").get(1);
        assertThat(blind.path("runnerUp").isNull()).isTrue();
        assertThat(blind.path("predicted").path("cachedTokens").isNull()).isTrue();
        assertThat(blind.path("candidates").get(0).path("cost").isNull()).isTrue();
        assertThat(blind.path("actual").path("ttft").doubleValue()).isPositive();
    }

    private static void checkExplained(JsonNode request) {
        assertThat(request.path("request").intValue()).isEqualTo(40);
        var candidates = request.path("candidates");
        assertThat(candidates).hasSize(3);
        assertThat(candidates.get(0).path("endpoint")).isEqualTo(request.path("chosen"));
        assertThat(candidates.get(1).path("endpoint")).isEqualTo(request.path("runnerUp"));
        for (var candidate : candidates) {
            double sum = 0;
            for (var term : candidate.path("terms")) {
                sum += term.doubleValue();
            }
            assertThat(candidate.path("terms").isEmpty()).isFalse();
            assertThat(candidate.path("cost").doubleValue()).isCloseTo(sum, within(1e-6));
        }
        assertThat(request.path("predicted").path("cachedTokens"))
                .isEqualTo(candidates.get(0).path("cachedTokens"));
        assertThat(request.path("actual").path("ttft").doubleValue()).isPositive();
        assertThat(request.path("reason").stringValue())
                .contains(request.path("chosen").stringValue());
    }

    private static CommandRun with(List<String> arguments, String... more) {
        return CommandRun.of(Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new));
    }

    private static CommandRun json(Path trace, String one, String two, String... more) {
        return CommandRun.of(
                Stream.concat(Stream.of("simulate", "--workload=" + trace, "--json=-", one, two), Stream.of(more))
                        .toArray(String[]::new));
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
            assertThat(policy.has("explained")).isFalse();
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
            --weights=acme=0         | --weights: "acme=0" (expected: TENANT=WEIGHT, a weight above 0)
            --weights=acme           | --weights: "acme" (expected: TENANT=WEIGHT, a weight above 0)
            --weights=acme=2         | --weights: "acme" (expected: a workload that has tenants)
            --jitter=99              | --jitter: 99.0 (expected: 0 to 10)
            --endpoint-restart=-1    | --endpoint-restart: -1.0 (expected: at least 0)
            --explain=-1             | --explain: -1 (expected: 0 to
            --explain=5,1000000      | --explain: 1000000 (expected: 0 to
            --explain=first          | invalid value for option '--explain'
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
    void aPickersConfigurationIsAPolicyToo(@TempDir Path folder) throws Exception {
        var good = Files.writeString(folder.resolve("good.yaml"), """
                apiVersion: llm-d.ai/v1alpha1
                kind: EndpointPickerConfig
                plugins:
                  - type: active-request-scorer
                  - type: prefix-cache-scorer
                """);
        var run = CommandRun.of(
                "simulate",
                "--workload=demo",
                "--replicas=2",
                "--time-scale=3",
                "--policies=epp:" + good,
                "--explain=9");
        assertThat(run.err().lines()).allMatch(line -> line.matches("\\S+: [\\d,]+ of [\\d,]+ requests"));
        assertThat(run.out())
                .contains(
                        "Request 9 under epp:" + good,
                        "score",
                        "active-request-scorer",
                        "prefix-cache-scorer",
                        "has the highest score");
        assertThat(run.exitCode()).isZero();

        var bad = Files.writeString(folder.resolve("bad.yaml"), "kind: EndpointPickerConfig\n");
        var refused = CommandRun.of("simulate", "--workload=demo", "--policies=warm,epp:" + bad);
        assertThat(refused.err())
                .startsWith("warmgate simulate: --policies: " + bad)
                .hasLineCount(1);
        assertThat(refused.exitCode()).isEqualTo(2);
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
}
