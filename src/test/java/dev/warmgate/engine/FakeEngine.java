package dev.warmgate.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** A model server that answers what the test says. */
final class FakeEngine implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    final AtomicInteger checks = new AtomicInteger();
    final AtomicInteger modelReads = new AtomicInteger();

    volatile int healthStatus = 200;
    volatile boolean hangs;
    volatile int hangsNextChecks;
    volatile int metricsStatus = 200;
    volatile String metrics = "vllm:num_requests_running 0\n";
    /** What is answered to who asks for a token. */
    volatile int completionStatus = 200;

    volatile String completion = "data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: [DONE]\n\n";
    final AtomicInteger completions = new AtomicInteger();
    volatile String lastCompletion = "";
    volatile int modelsStatus = 200;
    volatile String models = "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}";

    /** The API key that every page but the health check's wants; none if empty. */
    volatile String key = "";

    FakeEngine() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** Returns one that speaks TLS. */
    static FakeEngine secure(SSLContext tls) throws IOException {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new FakeEngine(server);
    }

    private FakeEngine(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create((server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String presented = exchange.getRequestHeaders().getFirst("Authorization");
        if (!key.isEmpty() && !path.equals("/health") && !("Bearer " + key).equals(presented)) {
            send(exchange, 401, "");
            return;
        }
        switch (path) {
            case "/health" -> {
                int check = checks.incrementAndGet();
                if (hangs || check <= hangsNextChecks) {
                    await();
                }
                send(exchange, healthStatus, "");
            }
            case "/metrics" -> send(exchange, metricsStatus, metrics);
            case "/v1/models" -> {
                modelReads.incrementAndGet();
                send(exchange, modelsStatus, models);
            }
            case "/v1/completions" -> {
                lastCompletion = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                completions.incrementAndGet();
                send(exchange, completionStatus, completion);
            }
            default -> send(exchange, 404, "");
        }
    }

    private void await() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
