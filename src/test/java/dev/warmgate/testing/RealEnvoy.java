package dev.warmgate.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A real Envoy with one of the configurations of deploy/envoy, on ports of its own. */
public final class RealEnvoy implements AutoCloseable {
    private static final Path SAMPLES = Path.of("deploy/envoy");

    private final Process process;
    private final Path log;
    private final int port;
    private final int adminPort;
    private final HttpClient http = HttpClient.newHttpClient();

    private RealEnvoy(Process process, Path log, int port, int adminPort) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.adminPort = adminPort;
    }

    /**
     * Starts Envoy and waits until it serves.
     *
     * @param pool the ports that take the places of 8001, 8002 and 8003
     */
    public static RealEnvoy start(String sample, int pickerPort, List<Integer> pool, Path folder)
            throws IOException, InterruptedException {
        return start(sample, pickerPort, pool, folder, UnaryOperator.identity());
    }

    /** Returns the sample with TLS towards the picker, whose certificate an authority vouches for. */
    public static String withTls(String sample, Path authority) {
        return sample.replace("#tls ", "").replace("filename: ca.pem", "filename: " + authority);
    }

    /** Returns the sample with TLS towards a picker that anybody could be. */
    public static String withUncheckedTls(String sample) {
        return sample.lines()
                .filter(line -> !line.startsWith("      #tls ")
                        || !line.matches(".*(validation_context|trusted_ca|alt_names).*"))
                .collect(Collectors.joining("\n"))
                .replace("common_tls_context:", "common_tls_context: {}")
                .replace("#tls ", "");
    }

    /** Starts Envoy likewise with a sample that was adjusted. */
    public static RealEnvoy start(
            String sample, int pickerPort, List<Integer> pool, Path folder, UnaryOperator<String> adjust)
            throws IOException, InterruptedException {
        int port = freePort();
        int adminPort = freePort();
        String config = adjust.apply(Files.readString(SAMPLES.resolve(sample)))
                .replace("port_value: 8081", "port_value: " + port)
                .replace("port_value: 19000", "port_value: " + adminPort)
                .replace("port_value: 9002", "port_value: " + pickerPort);
        for (int i = 0; i < pool.size(); i++) {
            config = config.replace("port_value: " + (8001 + i), "port_value: " + pool.get(i));
        }
        var file = folder.resolve("envoy.yaml");
        Files.writeString(file, config);
        var log = folder.resolve("envoy.log");
        var process = new ProcessBuilder(
                        Installed.envoy().toString(),
                        "-c",
                        file.toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        // The access log is read; by default its lines are kept for ten seconds.
                        "--file-flush-interval-msec",
                        "50",
                        "--log-level",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var envoy = new RealEnvoy(process, log, port, adminPort);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> envoy.admin("/ready").startsWith("LIVE"));
            return envoy;
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw new IllegalStateException("Envoy did not start:\n" + Files.readString(log), e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns a page of Envoy's own, or nothing if it does not answer. */
    private String admin(String path) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, BodyHandlers.ofString()).body();
        } catch (IOException _) {
            return "";
        }
    }

    /** Returns one of Envoy's counters. */
    public long counter(String name) throws InterruptedException {
        String line = admin("/stats?filter=" + name).strip();
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** Waits until the access log has so many lines, and returns the last. */
    public String logged(int lines) throws IOException {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.readAllLines(log).stream()
                                .filter(line -> line.contains(" /v1/"))
                                .count()
                        >= lines);
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(" /v1/"))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
