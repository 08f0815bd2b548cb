package dev.warmgate.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.warmgate.router.Router;
import dev.warmgate.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin door: plain HTTP, only reading, for probes, scrapers and people. Not meant for the public: bind it to an
 * internal address.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    private static final String INDEX = """
            Warmgate admin
              /healthz       200 while the process lives
              /readyz        200 when it wants traffic, else 503 and why
              /metrics       Prometheus metrics
              /endpoints     pools and endpoints, JSON
              /admin/queues  requests that wait for room, JSON
            """;

    private record Page(int status, String contentType, String body) {
        static Page text(int status, String body) {
            return new Page(status, "text/plain; charset=utf-8", body);
        }
    }

    private interface Handler {
        Page answer(HttpExchange exchange);
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Handler> handlers;

    private AdminServer(HttpServer server, Router router, Telemetry telemetry, Supplier<Readiness> readiness) {
        this.server = server;
        var endpoints = new EndpointsPage(router, telemetry, System::nanoTime);
        var queues = new QueuesPage(router);
        this.handlers = Map.of(
                "/", _ -> Page.text(200, INDEX),
                "/healthz", _ -> Page.text(200, "ok\n"),
                "/readyz", _ -> ready(readiness.get()),
                "/metrics", exchange -> metrics(telemetry, exchange),
                "/endpoints", _ -> new Page(200, "application/json", endpoints.render()),
                "/admin/queues", _ -> new Page(200, "application/json", queues.render()));
    }

    /**
     * Opens the door.
     *
     * @param listen where; port 0 takes a free one
     * @param readiness asked at every {@code /readyz}; must answer at once
     * @throws IOException if the address cannot be bound
     */
    public static AdminServer start(
            InetSocketAddress listen, Router router, Telemetry telemetry, Supplier<Readiness> readiness)
            throws IOException {
        var http = HttpServer.create(listen, 0);
        var admin = new AdminServer(http, router, telemetry, readiness);
        http.setExecutor(admin.threads);
        http.createContext("/", admin::handle);
        http.start();
        return admin;
    }

    /** Returns the bound address. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Closes the door at once; answers under way are cut off. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static Page ready(Readiness readiness) {
        return readiness.ready()
                ? Page.text(200, "ready\n")
                : Page.text(503, "not ready: " + readiness.reason() + "\n");
    }

    private static Page metrics(Telemetry telemetry, HttpExchange exchange) {
        var metrics = telemetry.exposition(exchange.getRequestHeaders().getFirst("Accept"));
        return new Page(200, metrics.contentType(), metrics.text());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var page = answer(exchange);
            byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
            var headers = exchange.getResponseHeaders();
            headers.set("Content-Type", page.contentType());
            headers.set("Cache-Control", "no-store");
            if (exchange.getRequestMethod().equals("HEAD")) {
                headers.set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(page.status(), -1);
            } else {
                exchange.sendResponseHeaders(page.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Page answer(HttpExchange exchange) {
        var handler = handlers.get(exchange.getRequestURI().getPath());
        if (handler == null) {
            return Page.text(404, "Not found. GET / lists what is here.\n");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Page.text(405, "Only GET and HEAD.\n");
        }
        try {
            return handler.answer(exchange);
        } catch (RuntimeException e) {
            LOG.error("Admin request {} failed", exchange.getRequestURI().getPath(), e);
            return Page.text(500, "Failed; the gateway's log says why.\n");
        }
    }
}
