package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP to the command {@code serve} in a process of its own. */
@Timeout(120)
class HangupTest {
    @Test
    void aHangupReadsTheFileAgainAndDoesNotEndTheProcess(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), "pools: [{endpoints: [http://127.0.0.1:1]}]\n");
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "--config",
                        file.toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--admin",
                        "127.0.0.1:0"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = process.errorReader()) {
            await(lines, "warmgate: ready in ");
            hangUp(process);
            await(lines, "Configuration read again (SIGHUP): it says what is in force");
            hangUp(process);
            await(lines, "Configuration read again (SIGHUP)");
            assertThat(process.isAlive()).isTrue();
            process.toHandle().destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void hangUp(Process process) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(exit).isZero();
    }

    private static void await(BufferedReader lines, String wanted) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.contains(wanted)) {
            line = lines.readLine();
        }
        assertThat(line).as("the line with \"%s\"", wanted).isNotNull();
    }
}
