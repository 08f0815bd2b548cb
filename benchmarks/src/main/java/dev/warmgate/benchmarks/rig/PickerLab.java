package dev.warmgate.benchmarks.rig;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
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
import java.util.stream.Collectors;

/** {@code warmgate picker} in front of stub engines whose metrics it reads, and the event loop of those and the load. */
final class PickerLab implements AutoCloseable {
    /** As much as vLLM says of itself when it has just started. */
    private static final int METRICS_BYTES = 40 << 10;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();
    private final StubEngine engines;
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final int adminPort;
    private final Server server;

    PickerLab(int endpoints, String core) throws IOException, InterruptedException {
        engines = new StubEngine(group, endpoints, METRICS_BYTES);
        port = Arm.freePort();
        adminPort = Arm.freePort();
        Path work = Files.createTempDirectory("warmgate-rig");
        String list = engines.ports().stream()
                .map(engine -> "  - {name: e" + engine + ", address: 127.0.0.1, port: " + engine + "}\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(work.resolve("endpoints.yaml"), "endpoints:\n" + list);
        server = Server.start(
                List.of(
                        "./warmgate",
                        "picker",
                        "--listen",
                        "127.0.0.1:" + port,
                        "--admin",
                        "127.0.0.1:" + adminPort,
                        "--endpoints-file",
                        file.toString()),
                Map.of(),
                core,
                port,
                work.resolve("log"));
        while (!get("/readyz").startsWith("200")) {
            Thread.sleep(200);
        }
    }

    Server server() {
        return server;
    }

    /** Returns a load that was not begun. */
    PickerDriver driver(PickerDriver.Plan plan) {
        return new PickerDriver(loop, port, plan);
    }

    PickerDriver.Result run(PickerDriver.Plan plan) {
        var driver = driver(plan);
        var result = driver.run();
        driver.close();
        return result;
    }

    /** Returns the share of a core that the picker uses while nobody asks it. */
    double idleShare(Duration time) throws InterruptedException {
        long cpu = server.cpuNanos();
        long began = System.nanoTime();
        Thread.sleep(time);
        return (server.cpuNanos() - cpu) / (double) (System.nanoTime() - began);
    }

    /** Returns the sum of a metric over all its labels. */
    double metric(String name) throws IOException, InterruptedException {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private String get(String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + adminPort + path);
        var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        return answer.statusCode() + "\n" + answer.body();
    }

    @Override
    public void close() {
        server.close();
        engines.close();
        group.shutdownGracefully();
    }
}
