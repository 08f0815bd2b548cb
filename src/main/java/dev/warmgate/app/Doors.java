package dev.warmgate.app;

import static java.util.Objects.requireNonNull;

import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.PickerConfig;
import dev.warmgate.app.config.PromptSecret;
import dev.warmgate.app.config.UsageSource;
import dev.warmgate.door.Access;
import dev.warmgate.engine.ModelCatalog;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.picker.PickerServer;
import dev.warmgate.picker.PickerSettings;
import dev.warmgate.picker.PickerTimeouts;
import dev.warmgate.proxy.Outbound;
import dev.warmgate.proxy.ProxyServer;
import dev.warmgate.proxy.ProxySettings;
import dev.warmgate.proxy.Subnet;
import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Router;
import dev.warmgate.telemetry.Telemetry;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The front doors that a gateway opens over its router: that for clients, that for gateways that ask, or both. Any thread. */
final class Doors implements AutoCloseable {
    /** Which doors a command opens. */
    enum Which {
        /** The door for clients, and that for gateways if it is configured. */
        CONFIGURED,
        /** Only the door for gateways. */
        PICKER
    }

    private final @Nullable ProxyServer proxy;
    private final @Nullable PickerServer picker;

    private Doors(@Nullable ProxyServer proxy, @Nullable PickerServer picker) {
        this.proxy = proxy;
        this.picker = picker;
    }

    /**
     * Opens the doors.
     *
     * @throws CommandFailure if an address cannot be listened on; then none is open
     */
    static Doors open(
            Which which,
            GatewayConfig config,
            Router router,
            Access access,
            EngineLinks links,
            ModelCatalog catalog,
            RequestObserver observer)
            throws CommandFailure {
        long secret = (config.promptSecret() == null ? PromptSecret.random() : config.promptSecret()).key();
        var proxy = which == Which.PICKER ? null : openProxy(config, router, access, links, secret, catalog, observer);
        try {
            return new Doors(proxy, openPicker(config, router, access, secret, observer));
        } catch (CommandFailure | RuntimeException e) {
            if (proxy != null) {
                proxy.close();
            }
            throw e;
        }
    }

    private static ProxyServer openProxy(
            GatewayConfig config,
            Router router,
            Access access,
            EngineLinks links,
            long secret,
            ModelCatalog catalog,
            RequestObserver observer)
            throws CommandFailure {
        var listen = config.listeners().http();
        var settings = proxySettings(config, Listening.resolve(listen, "--listen"));
        try {
            return ProxyServer.start(
                    settings, router, access, outbound(links, config), secret, new ServedModels(catalog), observer);
        } catch (UncheckedIOException e) {
            throw Listening.failure(listen, "--listen", e);
        }
    }

    private static @Nullable PickerServer openPicker(
            GatewayConfig config, Router router, Access access, long secret, RequestObserver observer)
            throws CommandFailure {
        var wanted = config.picker();
        if (wanted == null) {
            return null;
        }
        var settings = pickerSettings(
                config,
                wanted,
                Listening.resolve(wanted.listen(), "picker.listen"),
                wanted.health() == null ? null : Listening.resolve(wanted.health(), "picker.health"));
        try {
            return PickerServer.start(settings, router, access, secret, observer);
        } catch (UncheckedIOException e) {
            throw Listening.failure(wanted.listen(), "picker.listen", e);
        }
    }

    /** Takes over what of another configuration can change while doors are open. */
    void become(GatewayConfig config, Access access, EngineLinks links) {
        if (proxy != null) {
            proxy.update(proxySettings(config, proxy.address()), access, outbound(links, config));
        }
        if (picker != null && config.picker() != null) {
            picker.update(pickerSettings(config, config.picker(), picker.address(), null), access);
        }
    }

    void count(Telemetry telemetry) {
        if (proxy != null) {
            telemetry.counter(
                    "warmgate_retries_refused",
                    "Further attempts refused because too many requests were on one.",
                    proxy::retriesRefused);
            var clients = proxy.clients();
            telemetry.gauge(
                    "warmgate_client_connections", "Connections of clients.", () -> (double) clients.connections());
            telemetry.counter(
                    "warmgate_connections_refused",
                    "Connections of clients closed at once because there were too many, in all or of one client.",
                    "limit",
                    () -> Map.of("all", clients.refused(), "client", clients.refusedOfClients()));
            telemetry.counter(
                    "warmgate_proxy_headers_refused",
                    "Connections of clients closed because the PROXY protocol's header was missing or broken.",
                    clients::headersRefused);
            telemetry.counter(
                    "warmgate_tls_handshakes_failed",
                    "TLS handshakes of clients that failed.",
                    proxy::failedHandshakes);
        }
        telemetry.counter(
                "warmgate_tls_files_refused",
                "Changed certificate files that could not be used; the old ones are still in force.",
                () -> (proxy == null ? 0 : proxy.refusedTlsFiles()) + (picker == null ? 0 : picker.refusedTlsFiles()));
    }

    /** Tells whoever probes a door itself that requests are wanted. */
    void ready() {
        if (picker != null) {
            picker.ready(true);
        }
    }

    /**
     * Returns where clients connect.
     *
     * @throws NullPointerException if there is no such door
     */
    InetSocketAddress httpAddress() {
        return requireNonNull(proxy, "no door for clients").address();
    }

    /** Returns what is open, for people. */
    String describe() {
        String http = proxy == null ? "" : "http://" + Listening.show(proxy.address()) + (picker == null ? "" : ", ");
        return picker == null ? http : http + "picker " + Listening.show(picker.address());
    }

    /** Returns where gateways ask, or null if there is no such door. */
    @Nullable
    InetSocketAddress pickerAddress() {
        return picker == null ? null : picker.address();
    }

    int inFlight() {
        return (proxy == null ? 0 : proxy.inFlight()) + (picker == null ? 0 : picker.inFlight());
    }

    /** Stops accepting and waits for what is in flight; returns whether all ended within the limit. */
    boolean drain(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        boolean clients = proxy == null || proxy.drain(limit);
        var left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        boolean gateways = picker == null || picker.drain(left);
        return clients && gateways;
    }

    @Override
    public void close() {
        if (proxy != null) {
            proxy.close();
        }
        if (picker != null) {
            picker.close();
        }
    }

    private static Outbound outbound(EngineLinks links, GatewayConfig config) {
        return new Outbound(
                links, config.listeners().trustedProxies(), config.listeners().trusted());
    }

    private static PickerSettings pickerSettings(
            GatewayConfig config, PickerConfig wanted, InetSocketAddress listen, @Nullable InetSocketAddress health) {
        var defaults = PickerSettings.defaults(listen);
        return new PickerSettings(
                listen,
                health,
                wanted.tls(),
                defaults.eventLoops(),
                config.limits().maxBodyBytes(),
                PickerTimeouts.of(
                        config.timeouts().requestRead(),
                        config.timeouts().firstByte(),
                        config.timeouts().idle()),
                wanted.fallbacks(),
                wanted.failOpen(),
                wanted.conformance());
    }

    private static ProxySettings proxySettings(GatewayConfig config, InetSocketAddress listen) {
        var timeouts = config.timeouts();
        var limits = config.limits();
        var trusted = config.listeners().trustedProxies();
        boolean all = config.listeners().trusted();
        var front = new FrontSettings(
                listen,
                config.listeners().tls(),
                limits.maxHeaderBytes(),
                timeouts.headerRead(),
                timeouts.keepAlive(),
                limits.maxRequestsPerConnection(),
                limits.clients().with(timeouts.write(), address -> all || Subnet.anyContains(trusted, address)),
                config.listeners().proxyProtocol());
        return new ProxySettings(
                front,
                ProxySettings.defaults(listen).eventLoops(),
                limits.maxBodyBytes(),
                timeouts.connect(),
                timeouts.firstByte(),
                timeouts.idle(),
                timeouts.requestRead(),
                timeouts.upstreamIdle(),
                limits.retries(),
                config.usage() == UsageSource.ASK,
                config.openPaths());
    }
}
