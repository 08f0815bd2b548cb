package dev.warmgate.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A model server of one model whose chat answers wait until they are let go. */
final class SlowEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    SlowEndpoint() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            exchange.getRequestBody().readAllBytes();
            switch (path) {
                case "/health" -> answer(exchange, 200, "");
                case "/v1/models" -> answer(exchange, 200, "{\"data\":[{\"id\":\"tiny\",\"object\":\"model\"}]}");
                case "/v1/chat/completions" -> {
                    asked.incrementAndGet();
                    await();
                    answer(exchange, 200, "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}");
                }
                case "/v1/messages" -> {
                    asked.incrementAndGet();
                    await();
                    answer(
                            exchange,
                            200,
                            "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[],"
                                    + "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}");
                }
                default -> answer(exchange, 404, "");
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Returns chat requests that arrived. */
    int asked() {
        return asked.get();
    }

    void letGo() {
        letGo.countDown();
    }

    private void await() throws IOException {
        try {
            letGo.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        letGo.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
