package dev.warmgate.app;

import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.Listeners;
import dev.warmgate.app.live.Fleet;
import dev.warmgate.app.live.LiveOperations;
import dev.warmgate.app.live.Reloader;
import dev.warmgate.console.AdminServer;
import dev.warmgate.console.Operations;
import dev.warmgate.console.Readiness;
import dev.warmgate.door.Access;
import dev.warmgate.engine.EndpointMonitor;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.ModelCatalog;
import dev.warmgate.engine.MonitorSettings;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.files.FileWatcher;
import dev.warmgate.router.Router;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.telemetry.AccessLog;
import dev.warmgate.telemetry.Observers;
import dev.warmgate.telemetry.Telemetry;
import dev.warmgate.telemetry.tracing.Tracing;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A running gateway: wires a configuration into pools, doors and observers, and owns the order of start and stop.
 *
 * <p>Ready means "answers honestly": the front door listens and every endpoint was asked once, or did not answer in
 * time. A gateway whose endpoints are all down stays ready, because its 503 with {@code Retry-After} tells a client
 * more than a refused connection would. It stops being ready in the moment it is told to drain.
 *
 * <p>Any thread.
 */
public final class Gateway implements AutoCloseable {
    /** Endpoints that do not answer at all must not hold up the start. */
    private static final Duration LONGEST_FIRST_ROUND = Duration.ofMillis(500);

    private static final Readiness STARTING = Readiness.notReady("starting");
    private static final Readiness DRAINING = Readiness.notReady("draining");

    private final AtomicReference<Readiness> readiness;
    private final AdminServer admin;
    private final AccessLog accessLog;
    private final Tracing tracing;
    private final Telemetry telemetry;
    private final Access access;
    private final TokenChecks tokens;
    private final EngineLinks links;
    private final Fleet fleet;
    private final EndpointMonitor monitor;
    private final Doors doors;
    private final QueueClock clock;
    private final Reloader reloader;

    /** Replaced by the reloader. */
    private volatile Duration drainLimit;

    private Gateway(
            GatewayConfig config,
            AtomicReference<Readiness> readiness,
            AdminServer admin,
            AccessLog accessLog,
            Tracing tracing,
            Telemetry telemetry,
            Access access,
            TokenChecks tokens,
            EngineLinks links,
            Fleet fleet,
            EndpointMonitor monitor,
            Doors doors,
            Reloader reloader) {
        this.drainLimit = config.timeouts().drain();
        this.readiness = readiness;
        this.admin = admin;
        this.accessLog = accessLog;
        this.tracing = tracing;
        this.telemetry = telemetry;
        this.access = access;
        this.tokens = tokens;
        this.links = links;
        this.fleet = fleet;
        this.monitor = monitor;
        this.doors = doors;
        this.clock = QueueClock.start(fleet.router());
        this.reloader = reloader;
    }

    /**
     * Starts a gateway whose configuration cannot be read again; for tests and comparisons.
     *
     * @throws CommandFailure if an address cannot be listened on
     */
    public static Gateway start(GatewayConfig config, OutputStream accessLogStream) throws CommandFailure {
        return start(Doors.Which.CONFIGURED, new Loaded(config, ""), null, accessLogStream, () -> {});
    }

    /**
     * Starts a gateway and returns it when it is ready.
     *
     * <p>The doors open before anything else, the admin door first: an address that is taken ends the start before an
     * endpoint is bothered, and a slow start can be watched.
     *
     * @param which the doors to open besides the admin door
     * @param file where the configuration was read from, to be read again when it changes; or null
     * @param accessLogStream where the access log goes if it is on; never closed
     * @param warmUp runs when all else is done
     * @throws CommandFailure if an address cannot be listened on
     */
    static Gateway start(
            Doors.Which which, Loaded loaded, @Nullable ConfigFile file, OutputStream accessLogStream, Runnable warmUp)
            throws CommandFailure {
        var config = loaded.config();
        var fleet = new Fleet(config);
        var router = fleet.router();
        router.quarantine().time(config.limits().quarantine());
        var tokens = new TokenChecks();
        var access = new Access(
                new Tenancy(config.tenancy(), tokens.of(config)),
                new Quotas(new InMemoryQuotaStore(System::nanoTime, InstantSource.system()), config.quotas()),
                config.rewrites());
        var links = links(config);
        var telemetry = new Telemetry(router, VersionCommand.version(), priorities(config));
        telemetry.process();
        telemetry.quotas(access.quotas());
        telemetry.counter(
                "warmgate_endpoint_handshake_failures",
                "Handshakes with endpoints, of TLS and HTTP/2, that failed.",
                "reason",
                links::faults);
        var readiness = new AtomicReference<>(STARTING);
        var started = new CompletableFuture<Gateway>();
        var reloader = new Reloader(file, loaded, wanted -> started.join().become(wanted), InstantSource.system());
        var operations = new LiveOperations(reloader, fleet);
        operations.count(telemetry);
        var admin = openAdmin(config.listeners(), router, telemetry, readiness, operations);
        var accessLog = AccessLog.start(config.accessLog(), accessLogStream);
        var tracing = Tracing.start(config.tracing(), VersionCommand.version());
        var catalog = new ModelCatalog(router);
        Doors doors;
        try {
            doors = Doors.open(
                    which, config, router, access, links, catalog, Observers.all(telemetry, accessLog, tracing));
        } catch (CommandFailure | RuntimeException e) {
            started.completeExceptionally(e);
            accessLog.close();
            tracing.close();
            admin.close();
            throw e;
        }
        var monitor = EndpointMonitor.start(router, monitorSettings(config), links, engines(config), catalog);
        var gateway = new Gateway(
                config, readiness, admin, accessLog, tracing, telemetry, access, tokens, links, fleet, monitor, doors,
                reloader);
        gateway.count(telemetry);
        router.onChange(() -> Thread.startVirtualThread(telemetry::forgetGone));
        gateway.begin();
        warmUp.run();
        started.complete(gateway);
        // Not before: a reload that was asked for meanwhile holds the reloader until the gateway has started.
        reloader.watch(FileWatcher.DEFAULT_INTERVAL);
        readiness.compareAndSet(STARTING, Readiness.READY);
        doors.ready();
        return gateway;
    }

    /** Finds endpoints and asks them once. */
    private void begin() {
        try {
            fleet.start(
                    (engines, serverNames) -> {
                        links.foundNames(serverNames);
                        monitor.engines(engines);
                    },
                    LONGEST_FIRST_ROUND);
            monitor.awaitFirstRound(LONGEST_FIRST_ROUND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes another configuration, all of which can change while the gateway runs. */
    private void become(GatewayConfig config) {
        try {
            links.replace(linkSettings(config));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e.getMessage(), e); // a file changed after it was checked
        }
        var tenancy = new Tenancy(config.tenancy(), tokens.of(config));
        monitor.settings(monitorSettings(config));
        fleet.become(config);
        access.quotas().update(config.quotas());
        telemetry.priorities(priorities(config));
        fleet.router().quarantine().time(config.limits().quarantine());
        doors.become(config, new Access(tenancy, access.quotas(), config.rewrites()), links);
        accessLog.format(config.accessLog());
        tracing.become(config.tracing());
        admin.token(config.listeners().adminToken());
        drainLimit = config.timeouts().drain();
    }

    /**
     * Reads the configuration file again and takes it over, or says why not.
     *
     * @param trigger what asks for it, for the log
     */
    public void reload(String trigger) {
        var _ = reloader.reload(trigger);
    }

    /**
     * Returns where clients connect.
     *
     * @throws NullPointerException if there is no door for clients
     */
    public InetSocketAddress httpAddress() {
        return doors.httpAddress();
    }

    /** Returns the doors, except the admin door. */
    Doors doors() {
        return doors;
    }

    /** Returns where metrics and health are. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** Returns how many endpoints a pool has now; 0 if there is no pool of that name. */
    int endpoints(String pool) {
        for (var each : fleet.router().pools()) {
            if (each.name().equals(pool)) {
                return each.endpoints().size();
            }
        }
        return 0;
    }

    /** Returns requests begun and not ended. */
    public int inFlight() {
        return doors.inFlight();
    }

    /** Returns how long {@link #drain} waits. */
    public Duration drainLimit() {
        return drainLimit;
    }

    /**
     * Stops being ready and accepting, and waits for the requests in flight as long as configured.
     *
     * @return whether all of them ended
     */
    public boolean drain() {
        readiness.set(DRAINING);
        return doors.drain(drainLimit);
    }

    /** Closes everything at once; access log and traces after the doors, whose last reports they tell. */
    @Override
    public void close() {
        readiness.set(DRAINING);
        reloader.close();
        fleet.close();
        doors.close();
        clock.close();
        accessLog.close();
        tracing.close();
        monitor.close();
        admin.close();
    }

    private void count(Telemetry telemetry) {
        doors.count(telemetry);
        telemetry.counter(
                "warmgate_access_log_dropped", "Access log lines that could not be written.", accessLog::dropped);
        telemetry.counter("warmgate_spans_exported", "Spans that the receiver of traces took.", tracing::exported);
        telemetry.counter(
                "warmgate_spans_dropped",
                "Spans that are lost: too many waited, or the receiver did not take them.",
                tracing::dropped);
        telemetry.counter(
                "warmgate_admin_refused", "Requests to the admin port refused for who sent them.", admin::refused);
        telemetry.counter(
                "warmgate_failed_token_key_reads",
                "Readings of token issuers' keys that failed.",
                tokens::failedFetches);
        telemetry.counter(
                "warmgate_quarantined",
                "Requests found to be in flight on two endpoints that died.",
                fleet.router().quarantine()::found);
        telemetry.counter(
                "warmgate_failed_checks",
                "Active checks of endpoints that failed.",
                () -> monitor.failures().checks());
        telemetry.counter(
                "warmgate_failed_metrics_reads",
                "Readings of engine metrics that failed.",
                () -> monitor.failures().metrics());
        telemetry.counter(
                "warmgate_failed_model_reads",
                "Readings of model lists that failed.",
                () -> monitor.failures().models());
    }

    private static AdminServer openAdmin(
            Listeners listeners,
            Router router,
            Telemetry telemetry,
            AtomicReference<Readiness> readiness,
            Operations operations)
            throws CommandFailure {
        var listen = listeners.admin();
        try {
            return AdminServer.start(
                    Listening.resolve(listen, "--admin"),
                    listeners.adminToken(),
                    router,
                    telemetry,
                    readiness::get,
                    operations);
        } catch (IOException e) {
            throw Listening.failure(listen, "--admin", e);
        }
    }

    private static Set<Integer> priorities(GatewayConfig config) {
        var priorities = new TreeSet<>(config.tenancy().priorities());
        config.admission().bands().forEach(band -> priorities.add(band.priority()));
        return priorities;
    }

    private static EngineLinks links(GatewayConfig config) throws CommandFailure {
        try {
            return EngineLinks.of(linkSettings(config));
        } catch (GeneralSecurityException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()));
        }
    }

    private static EngineLinks.Settings linkSettings(GatewayConfig config) {
        var pools = new HashMap<String, LinkSettings>();
        var endpoints = new HashMap<String, LinkSettings>();
        for (var pool : config.pools()) {
            pools.put(pool.spec().name(), pool.link());
            endpoints.putAll(pool.links());
        }
        return new EngineLinks.Settings(pools, endpoints);
    }

    private static Map<String, EngineKind> engines(GatewayConfig config) {
        var engines = new HashMap<String, EngineKind>();
        config.pools().forEach(pool -> engines.putAll(pool.engines()));
        return engines;
    }

    private static MonitorSettings monitorSettings(GatewayConfig config) {
        var defaults = MonitorSettings.DEFAULT;
        return new MonitorSettings(
                config.checkInterval(),
                defaults.metricsInterval(),
                defaults.modelsInterval(),
                defaults.checkTimeout(),
                defaults.readTimeout(),
                config.generateInterval());
    }
}
