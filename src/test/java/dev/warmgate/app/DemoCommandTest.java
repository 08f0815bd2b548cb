package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.testing.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

/** The command {@code demo}, small. */
@Timeout(120)
class DemoCommandTest {
    @Test
    void comparesPoliciesAndWritesBothReports(@TempDir Path folder) throws IOException {
        var json = folder.resolve("demo.json");
        var html = folder.resolve("demo.html");
        var run = CommandRun.of(
                "demo",
                "--policies=session-hash,warm",
                "--replicas=2",
                "--duration=1",
                "--speed-up=40",
                "--json=" + json,
                "--html=" + html);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("requests within target", "warm's mean TTFT is", "Report:  " + html)
                .doesNotContain("\u001b");
        var policies = new ObjectMapper().readTree(Files.readString(json)).path("policies");
        assertThat(policies.propertyNames()).containsExactly("session-hash", "warm");
        for (var policy : policies) {
            assertThat(policy.path("requests").intValue()).isPositive();
            assertThat(policy.path("completed")).isEqualTo(policy.path("requests"));
        }
        assertThat(Files.readString(html))
                .contains("--policies session-hash,warm --replicas 2 --seed 1 --duration 1 --speed-up 40");
    }

    @Test
    void envoyIsComparedWithThePickerBehindIt(@TempDir Path folder) throws Exception {
        var json = folder.resolve("demo.json");
        var html = folder.resolve("demo.html");
        var run = CommandRun.of(
                "demo",
                "--envoy=" + Installed.envoy(),
                "--replicas=2",
                "--duration=1",
                "--speed-up=40",
                "--json=" + json,
                "--html=" + html);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        var policies = new ObjectMapper().readTree(Files.readString(json)).path("policies");
        assertThat(policies.propertyNames()).containsExactly("envoy-round-robin", "envoy-least-request", "warm");
        for (var policy : policies) {
            assertThat(policy.path("requests").intValue()).isPositive();
            assertThat(policy.path("completed")).isEqualTo(policy.path("requests"));
        }
        assertThat(Files.readString(html)).contains("behind Envoy", "./warmgate demo --envoy ");
    }

    @Test
    void withoutAnEnvoyThatIsSaid(@TempDir Path folder) throws IOException {
        var none = CommandRun.of("demo", "--envoy=" + folder.resolve("none"), "--html=" + folder.resolve("x.html"));
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("--envoy: \"" + folder.resolve("none") + "\" is no program");
        var absent = CommandRun.of("demo", "--envoy=no-such-envoy", "--html=" + folder.resolve("x.html"));
        assertThat(absent.err()).contains("--envoy: no no-such-envoy in the folders of PATH");
        var script = Files.writeString(folder.resolve("envoy"), "#!/bin/sh\necho what is this >&2\nexit 3\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        var broken = CommandRun.of("demo", "--envoy=" + script, "--html=" + folder.resolve("x.html"));
        assertThat(broken.err()).contains("Envoy did not start: what is this");
    }

    @Test
    void mistakesAreNamedBeforeAnythingStarts(@TempDir Path folder) {
        assertThat(CommandRun.of("demo", "--policies=warm,hot"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "warmgate demo: --policies: \"hot\" (expected: warm, round-robin, least-requests, weighted,"
                                + " power-of-two, random, session-hash) (see warmgate demo --help)\n"));
        assertThat(CommandRun.of("demo", "--replicas=0").err())
                .isEqualTo("warmgate demo: --replicas: 0 (expected: 1 to 64) (see warmgate demo --help)\n");
        var nowhere = folder.resolve("none").resolve("demo.json");
        assertThat(CommandRun.of("demo", "--json=" + nowhere).err())
                .startsWith("warmgate demo: --json: \"" + nowhere + "\" (expected: a file in a folder")
                .hasLineCount(1);
    }
}
