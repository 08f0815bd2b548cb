package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.twin.demo.DemoGateway;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Envoys in front of the simulated servers of a demo: they choose by themselves, or ask a picker in this process. */
final class DemoEnvoy implements DemoGateway.Factory {
    private static final String ANYWHERE = "127.0.0.1:0";
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Pattern LISTENER = Pattern.compile("inference::127\\.0\\.0\\.1:([0-9]+)");

    private final Path program;

    DemoEnvoy(Path program) {
        this.program = program;
    }

    /**
     * Returns the program that a name means: a path, or one of the folders' in {@code PATH}.
     *
     * @throws CommandFailure if there is none
     */
    static Path find(String name, Map<String, String> environment) throws CommandFailure {
        if (name.contains(File.separator)) {
            if (Files.isExecutable(Path.of(name)) && Files.isRegularFile(Path.of(name))) {
                return Path.of(name);
            }
            throw new CommandFailure("--envoy: \"" + name + "\" is no program (expected: the path of Envoy)");
        }
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            var file = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(file) && Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new CommandFailure(
                "--envoy: no " + name + " in the folders of PATH (expected: an installed Envoy, or --envoy"
                        + " with its path; it is not part of Warmgate)");
    }

    /** gRPC has a good deal of code. */
    @Override
    public Duration warmUp() {
        return Duration.ofSeconds(10);
    }

    @Override
    public String front() {
        return "Envoy, which chooses by itself or asks Warmgate's picker";
    }

    @Override
    public String options() {
        return "--envoy " + program + " ";
    }

    @Override
    public DemoGateway start(String policy, List<URI> endpoints) throws IOException {
        if (EnvoyConfig.OWN_POLICIES.contains(policy)) {
            return new Running(program, EnvoyConfig.own(policy, endpoints), null);
        }
        var picker = picker(policy, endpoints);
        try {
            var address = Objects.requireNonNull(picker.doors().pickerAddress(), "picker");
            return new Running(program, EnvoyConfig.asking(address, endpoints), picker);
        } catch (IOException | RuntimeException e) {
            picker.close();
            throw e;
        }
    }

    private static Gateway picker(String policy, List<URI> endpoints) throws IOException {
        var urls = endpoints.stream().map(URI::toString).toList();
        var overrides = new Overrides("warmgate demo", urls, null, ANYWHERE, policy, null)
                .withPicker(new Overrides.OfPicker(null, ANYWHERE, null, null, null));
        try {
            var config = new ConfigLoader(Map.of()).load(overrides);
            return Gateway.start(Doors.Which.PICKER, new Loaded(config, ""), null, System.out, () -> {});
        } catch (ConfigException e) {
            throw new IllegalStateException(String.join("; ", e.problems()), e);
        } catch (CommandFailure e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** One Envoy, with a folder of its own. */
    private static final class Running implements DemoGateway {
        private final Path folder = Files.createTempDirectory("warmgate-envoy");
        private final @Nullable Gateway picker;
        private final Process process;
        private final Thread atExit;
        private final URI address;

        Running(Path program, String config, @Nullable Gateway picker) throws IOException {
            this.picker = picker;
            var file = Files.writeString(folder.resolve("envoy.yaml"), config);
            process = new ProcessBuilder(
                            program.toString(),
                            "-c",
                            file.toString(),
                            "--disable-hot-restart",
                            "--admin-address-path",
                            folder.resolve("admin").toString(),
                            "--log-level",
                            "warning")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            // A demo that is interrupted leaves none behind.
            atExit = new Thread(process::destroyForcibly, "demo-envoy-end");
            Runtime.getRuntime().addShutdownHook(atExit);
            try {
                address = awaitListening();
            } catch (IOException e) {
                end();
                throw e;
            }
        }

        private URI awaitListening() throws IOException {
            long end = System.nanoTime() + START.toNanos();
            try (var http = HttpClient.newHttpClient()) {
                while (process.isAlive() && System.nanoTime() - end < 0) {
                    var port = LISTENER.matcher(listeners(http));
                    if (port.find()) {
                        return URI.create("http://127.0.0.1:" + port.group(1));
                    }
                    if (process.waitFor(POLL)) {
                        break;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            var lines = Files.readAllLines(folder.resolve("log"));
            throw new IOException("Envoy did not start" + (lines.isEmpty() ? "" : ": " + lines.getLast()));
        }

        private String listeners(HttpClient http) throws InterruptedException {
            try {
                var admin =
                        "http://" + Files.readString(folder.resolve("admin")).strip();
                var ready = http.send(
                        HttpRequest.newBuilder(URI.create(admin + "/ready")).build(), BodyHandlers.ofString());
                return ready.statusCode() == 200
                        ? http.send(
                                        HttpRequest.newBuilder(URI.create(admin + "/listeners"))
                                                .build(),
                                        BodyHandlers.ofString())
                                .body()
                        : "";
            } catch (IOException | IllegalArgumentException _) {
                return ""; // not yet
            }
        }

        @Override
        public URI address() {
            return address;
        }

        @Override
        public void close() {
            end();
            if (picker != null) {
                picker.close();
            }
        }

        private void end() {
            process.destroy();
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
                for (String name : List.of("envoy.yaml", "admin", "log")) {
                    Files.deleteIfExists(folder.resolve(name));
                }
                Files.deleteIfExists(folder);
            } catch (IllegalStateException | IOException _) {
                // The process is ending, or somebody else removed it.
            }
        }
    }
}
