package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code serve}: mistakes in-process, its life and its signals in a process of its own. */
class ServeCommandTest {
    private static final Pattern READY = Pattern.compile("warmgate: ready in [0-9.]+ s on (http://[^,]+), admin"
            + " http://[^,]+, 1 pool, 1 endpoint: default \\(warm, 1 endpoint\\)");
    private static final String CHAT = "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    @Test
    void withoutEndpointsItSaysWhatToGive() {
        assertThat(CommandRun.of("serve"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "warmgate serve: no endpoints: give --endpoint http://HOST:PORT, repeatable, or --config FILE"
                                + " (see warmgate serve --help)\n"));
        assertThat(CommandRun.of("serve", "--config", "x", "--endpoint", "http://127.0.0.1:1")
                        .err())
                .startsWith("warmgate serve: --endpoint and --config exclude each other")
                .hasLineCount(1);
    }

    @Test
    void wrongOptionsAreNamedWithWhatIsAllowed() {
        assertThat(CommandRun.of("serve", "--endpoint", "127.0.0.1:8001", "--listen", "8080"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "warmgate serve: --listen: \"8080\" (expected: HOST:PORT such as 127.0.0.1:8080, 0.0.0.0:8080"
                                + " or [::1]:8080)\n"
                                + "warmgate serve: --endpoint: \"127.0.0.1:8001\" (expected: http or https URL such as"
                                + " http://10.0.0.7:8000)\n"));
        assertThat(CommandRun.of("serve", "--lisen", "x").err())
                .isEqualTo("warmgate serve: unknown option: --lisen (did you mean --listen? see warmgate serve"
                        + " --help)\n");
    }

    @Test
    void aBadFileStartsNothing(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), "pools: [{endpoint: [x]}]\n");
        var run = CommandRun.of("serve", "--config", file.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(":1: pools[0].endpoint: unknown key (did you mean endpoints?)");
    }

    @Test
    void anAddressInUseIsOneLineThatNamesTheOption() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThat(CommandRun.of(
                            "serve", "--endpoint", "http://127.0.0.1:1", "--listen", address, "--admin", "127.0.0.1:0"))
                    .isEqualTo(new CommandRun(
                            1,
                            "",
                            "warmgate serve: cannot listen on " + address
                                    + ": address in use (choose another with --listen)\n"));
            assertThat(CommandRun.of(
                            "serve", "--endpoint", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", "--admin", address))
                    .isEqualTo(new CommandRun(
                            1,
                            "",
                            "warmgate serve: cannot listen on " + address
                                    + ": address in use (choose another with --admin)\n"));
        }
    }

    @Test
    void sigtermLetsRequestsInFlightFinishAndExitsWithZero() throws Exception {
        try (var endpoint = new SlowEndpoint();
                var server = new Server(endpoint)) {
            var answer = server.chat();
            await().until(() -> endpoint.asked() == 1);
            server.process.toHandle().destroy();
            assertThat(server.readLine()).startsWith("warmgate: draining, 1 in flight");
            assertThat(server.process.isAlive()).isTrue();
            endpoint.letGo();
            assertThat(answer.get()).isEqualTo(200);
            assertThat(server.readLine()).isEqualTo("warmgate: ended");
            assertThat(server.exitCode()).isZero();
        }
    }

    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        try (var endpoint = new SlowEndpoint();
                var server = new Server(endpoint)) {
            var answer = server.chat();
            await().until(() -> endpoint.asked() == 1);
            server.process.toHandle().destroy();
            assertThat(server.readLine()).startsWith("warmgate: draining, 1 in flight");
            server.process.toHandle().destroy();
            assertThat(server.exitCode()).isEqualTo(130);
            assertThat(answer).failsWithin(30, TimeUnit.SECONDS);
        }
    }

    /** A gateway in a process of its own. */
    private static final class Server implements AutoCloseable {
        final Process process;
        private final BufferedReader lines;
        private final URI chat;

        Server(SlowEndpoint endpoint) throws IOException {
            var command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx128m",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "serve",
                    "--listen",
                    "127.0.0.1:0",
                    "--admin",
                    "127.0.0.1:0",
                    "--endpoint"));
            command.add(endpoint.url());
            process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            lines = process.errorReader();
            String ready = readLine();
            var match = READY.matcher(ready);
            assertThat(match.matches()).as("start line: %s", ready).isTrue();
            chat = URI.create(match.group(1) + "/v1/chat/completions");
        }

        /** Returns the next line of the program itself; log lines begin with the time of day. */
        String readLine() throws IOException {
            String line = lines.readLine();
            while (line != null && !line.startsWith("warmgate: ")) {
                line = lines.readLine();
            }
            return String.valueOf(line);
        }

        CompletableFuture<Integer> chat() {
            var request = HttpRequest.newBuilder(chat)
                    .POST(BodyPublishers.ofString(CHAT))
                    .build();
            return HttpClient.newHttpClient()
                    .sendAsync(request, BodyHandlers.ofString())
                    .thenApply(response -> response.statusCode());
        }

        int exitCode() throws InterruptedException {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
