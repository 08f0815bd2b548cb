package dev.warmgate.console;

import dev.warmgate.router.Router;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.telemetry.Telemetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin door: plain HTTP for probes, scrapers and people. Not meant for the public: it listens on loopback, or wants
 * a token; only {@code /healthz} and {@code /readyz} answer everybody.
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
              /admin/quarantine  requests that endpoints died under, JSON
              /admin/config  the configuration in force, and where endpoints come from, JSON
            POST
              /admin/reload                           takes the configuration file over again
              /admin/endpoints/NAME/drain[?wait=30s]  sends nothing new there; 200 when nothing is in flight
              /admin/endpoints/NAME/undrain           takes it back
            """;

    /** Probes have no token, and what they read is no secret. */
    private static final Set<String> OPEN = Set.of("/healthz", "/readyz");

    private interface Handler {
        Page answer(Asked asked);
    }

    private final Gatekeeper gatekeeper;
    private final Map<String, Handler> handlers;
    private final OperationsPages operations;
    private final AdminListener listener;

    private AdminServer(
            InetSocketAddress listen,
            Gatekeeper gatekeeper,
            Router router,
            Telemetry telemetry,
            Supplier<Readiness> readiness,
            Operations operations)
            throws IOException {
        this.gatekeeper = gatekeeper;
        this.operations = new OperationsPages(operations);
        var endpoints = new EndpointsPage(router, telemetry, operations::origin, System::nanoTime);
        var queues = new QueuesPage(router);
        var quarantine = new QuarantinePage(router);
        this.handlers = Map.of(
                "/", _ -> Page.text(200, INDEX),
                "/healthz", _ -> Page.text(200, "ok\n"),
                "/readyz", _ -> ready(readiness.get()),
                "/metrics", asked -> metrics(telemetry, asked),
                "/endpoints", _ -> Page.json(endpoints.render()),
                "/admin/queues", _ -> Page.json(queues.render()),
                "/admin/quarantine", _ -> Page.json(quarantine.render()),
                "/admin/config", _ -> this.operations.configuration());
        this.listener = AdminListener.start(listen, this::answer);
    }

    /**
     * Opens the door.
     *
     * @param listen where; port 0 takes a free one
     * @param token what callers must present; null only if {@code listen} is a loopback address
     * @param readiness asked at every {@code /readyz}; must answer at once
     * @param operations what may be done
     * @throws IOException if the address cannot be bound
     * @throws IllegalArgumentException if there is no token and others than this machine could connect
     */
    public static AdminServer start(
            InetSocketAddress listen,
            @Nullable ApiKey token,
            Router router,
            Telemetry telemetry,
            Supplier<Readiness> readiness,
            Operations operations)
            throws IOException {
        if (token == null && !listen.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("listen: " + listen + " (expected: a loopback address, or a token)");
        }
        return new AdminServer(listen, new Gatekeeper(token), router, telemetry, readiness, operations);
    }

    /** Returns the bound address. */
    public InetSocketAddress address() {
        return listener.address();
    }

    /**
     * Takes another token.
     *
     * @param token null only if the door is on loopback
     */
    public void token(@Nullable ApiKey token) {
        if (token == null && !listener.address().getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("token: none (expected: one, because others can connect)");
        }
        gatekeeper.token(token);
    }

    /** Returns requests that were refused because of who sent them. */
    public long refused() {
        return gatekeeper.refused();
    }

    /** Closes the door at once; answers under way are cut off. */
    @Override
    public void close() {
        listener.close();
    }

    private static Page ready(Readiness readiness) {
        return readiness.ready()
                ? Page.text(200, "ready\n")
                : Page.text(503, "not ready: " + readiness.reason() + "\n");
    }

    private static Page metrics(Telemetry telemetry, Asked asked) {
        var metrics = telemetry.exposition(asked.header("Accept"));
        return new Page(200, metrics.contentType(), metrics.text());
    }

    private Page answer(Asked asked) {
        try {
            return page(asked);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Page.text(503, "The gateway ends.\n");
        } catch (RuntimeException e) {
            LOG.error("Admin request {} failed", asked.path(), e);
            return Page.text(500, "Failed; the gateway's log says why.\n");
        }
    }

    private Page page(Asked asked) throws InterruptedException {
        String path = asked.path();
        boolean post = OperationsPages.isPostedTo(path);
        var refusal = OPEN.contains(path) ? null : gatekeeper.refuse(asked, post);
        if (refusal != null) {
            return refusal;
        }
        if (post) {
            return asked.method().equals("POST")
                    ? operations.post(asked)
                    : Page.text(405, "Only POST.\n").with("Allow", "POST");
        }
        var handler = handlers.get(path);
        if (handler == null) {
            return Page.text(404, "Not found. GET / lists what is here.\n");
        }
        if (!asked.method().equals("GET") && !asked.method().equals("HEAD")) {
            return Page.text(405, "Only GET and HEAD.\n").with("Allow", "GET, HEAD");
        }
        return handler.answer(asked);
    }
}
