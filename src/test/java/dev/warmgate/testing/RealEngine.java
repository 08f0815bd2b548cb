package dev.warmgate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A process of a real model server on a free port of this machine. */
public final class RealEngine implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int port;
    private final String model;
    private final String runningMetric;

    private RealEngine(Process process, Path log, int port, String model, String runningMetric) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.model = model;
        this.runningMetric = runningMetric;
    }

    /** Starts llama-server with SmolLM2, four slots of 2,048 tokens. */
    public static RealEngine llama(Path installed) throws IOException {
        int port = freePort();
        var command = new ArrayList<>(
                List.of(installed.resolve("llama/bin/llama-server").toString()));
        command.addAll(List.of("-m", installed.resolve("llama/model.gguf").toString(), "--alias", "smollm2"));
        command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
        command.addAll(List.of("--parallel", "4", "--ctx-size", "8192", "--threads", "1", "--metrics", "--slots"));
        return start(command, Map.of(), port, "smollm2", "llamacpp:requests_processing");
    }

    /** Starts vLLM on the CPU with a tiny random model and 256 KV blocks of 32 tokens. */
    public static RealEngine vllm(Path installed) throws IOException {
        int port = freePort();
        var command = new ArrayList<>(List.of(installed.resolve("vllm/bin/vllm").toString(), "serve"));
        command.addAll(List.of(installed.resolve("tiny").toString(), "--served-model-name", "tiny"));
        command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
        command.addAll(List.of("--dtype", "float32", "--enforce-eager", "--max-model-len", "4096"));
        command.addAll(List.of("--max-num-seqs", "8", "--max-num-batched-tokens", "1024", "--block-size", "32"));
        command.addAll(List.of("--num-gpu-blocks-override", "256", "--enable-prefix-caching"));
        command.add("--enable-prompt-tokens-details");
        var environment = Map.of(
                "HF_HUB_OFFLINE", "1",
                "VLLM_NO_USAGE_STATS", "1",
                "VLLM_CPU_KVCACHE_SPACE", "1",
                "VLLM_CPU_OMP_THREADS_BIND", "nobind",
                "OMP_NUM_THREADS", "1");
        return start(command, environment, port, "tiny", "vllm:num_requests_running");
    }

    private static RealEngine start(
            List<String> command, Map<String, String> environment, int port, String model, String runningMetric)
            throws IOException {
        var log = Files.createTempFile("engine-" + port + "-", ".log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return new RealEngine(builder.start(), log, port, model, runningMetric);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until the server says that it is healthy. */
    public void awaitReady(Duration limit) {
        Awaitility.await("the server on port " + port + ", whose log is " + log)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(500))
                .failFast("the server ended; its log is " + log, () -> !process.isAlive())
                .until(this::healthy);
    }

    private boolean healthy() {
        try {
            var connection =
                    (HttpURLConnection) URI.create(url() + "/health").toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(2000);
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the base address. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the name of the served model. */
    public String model() {
        return model;
    }

    /** Returns the requests being computed, read from a metrics page of this server. */
    public int running(String metrics) {
        return metrics.lines()
                .filter(line -> line.startsWith(runningMetric))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Ends the server and its children as the kernel's out-of-memory killer would. */
    public void kill() {
        var children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        var children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
