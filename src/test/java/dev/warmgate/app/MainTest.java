package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users' mistakes are answered with single lines and exit code 2. */
class MainTest {
    @Test
    void helpNamesEveryCommandAndHowToStart() {
        var run = CommandRun.of("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("check", "version", "warmgate serve --endpoint", "Exit codes");
        assertThat(run.err()).isEmpty();
        assertThat(CommandRun.of("check", "-h").out()).startsWith("Usage: warmgate check [-h] FILE");
    }

    @Test
    void noCommandIsAnError() {
        assertThat(CommandRun.of()).isEqualTo(error("warmgate: which command? (see warmgate --help)"));
    }

    @Test
    void misspeltCommandsAndOptionsNameTheNearest() {
        assertThat(CommandRun.of("chekc", "x"))
                .isEqualTo(error("warmgate: unknown command: chekc (did you mean check? see warmgate --help)"));
        assertThat(CommandRun.of("check", "--file", "x"))
                .isEqualTo(error("warmgate check: unknown option: --file (see warmgate check --help)"));
        assertThat(CommandRun.of("check", "x", "y"))
                .isEqualTo(error("warmgate check: too much: y (see warmgate check --help)"));
    }

    @Test
    void missingArgumentsAreNamed() {
        assertThat(CommandRun.of("check"))
                .isEqualTo(error("warmgate check: missing required parameter: 'FILE' (see warmgate check --help)"));
    }

    @Test
    void aGoodFileIsSummarised(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), """
                pools:
                  - endpoints: [http://127.0.0.1:8001, http://127.0.0.1:8002]
                  - {name: b, policy: random, endpoints: [http://127.0.0.1:8003]}
                """);
        assertThat(CommandRun.of("check", file.toString()))
                .isEqualTo(new CommandRun(
                        0,
                        file + ": OK: 2 pools, 3 endpoints: default (warm, 2 endpoints); b (random, 1 endpoint)\n",
                        ""));
    }

    @Test
    void aBadFileShowsAllItsProblems(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), "pools: []\nacessLog: text\n");
        assertThat(CommandRun.of("check", file.toString()))
                .isEqualTo(error(file + ":1: pools: none (expected: at least pools: [{endpoints: [http://…]}])\n" + file
                        + ":2: acessLog: unknown key (did you mean accessLog?)"));
    }

    @Test
    void filesOfEndpointsAreCheckedToo(@TempDir Path folder) throws Exception {
        var file = Files.writeString(
                folder.resolve("gateway.yaml"), "pools: [{discovery: {file: {path: endpoints.yaml}}}]\n");
        var list = folder.resolve("endpoints.yaml");
        assertThat(CommandRun.of("check", file.toString()).err()).isEqualTo(list + ": cannot be read: no such file\n");
        Files.writeString(list, "endpoints:\n  - {name: a, address: 10.0.0.1, port: 8000}\n  - {name: b, port: 1}\n");
        var bad = CommandRun.of("check", file.toString());
        assertThat(bad.exitCode()).isEqualTo(2);
        assertThat(bad.err())
                .startsWith(list + ":3: endpoints[1].address: missing")
                .hasLineCount(1);
        Files.writeString(list, "endpoints: [{name: a, address: 10.0.0.1, port: 8000}]");
        var good = CommandRun.of("check", file.toString());
        assertThat(good.exitCode()).isZero();
        assertThat(good.out()).endsWith(list + ": 1 endpoints\n");
    }

    @Test
    void filesThatPoliciesNameAreCheckedToo(@TempDir Path folder) throws Exception {
        var file = Files.writeString(
                folder.resolve("gateway.yaml"),
                "pools: [{policy: \"epp:chain.yaml\", endpoints: [http://127.0.0.1:8001]}]\n");
        var chain = Files.writeString(
                folder.resolve("chain.yaml"), "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n");
        var good = CommandRun.of("check", file.toString());
        assertThat(good.err()).isEmpty();
        assertThat(good.out()).endsWith(chain + ": OK: 0 plugins, 12 more by default, 1 profile\n");
        Files.writeString(chain, "kind: EndpointPickerConfig\n");
        assertThat(CommandRun.of("check", file.toString()))
                .isEqualTo(error(file + ":1: pools[0].policy: " + chain
                        + ":1: apiVersion: missing (expected: llm-d.ai/v1alpha1)"));
    }

    @Test
    void theVersionIsOneLine() {
        var run = CommandRun.of("version");
        assertThat(run.out()).matches("warmgate .*, Java 25.*\n");
        assertThat(run.exitCode()).isZero();
    }

    private static CommandRun error(String lines) {
        return new CommandRun(2, "", lines + "\n");
    }
}
