package dev.warmgate.proxy;

import dev.warmgate.engine.link.EngineLink;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One event loop's way to one endpoint: its address in the forms that are needed, and the connections that wait. */
final class Lane {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final String endpoint;
    private final EngineLink link;
    private final boolean secure;
    private final String host;
    private final InetSocketAddress address;
    private final String authority;
    private final String pathPrefix;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private final List<UpstreamCarrier> carriers = new ArrayList<>(1);
    private boolean retired;
    private boolean refusesUsageQuestion;
    private long refusesUntil;

    /**
     * Creates a lane.
     *
     * @param endpoint the endpoint's name, for the log
     * @throws IllegalArgumentException if the address cannot be connected to
     */
    Lane(String endpoint, URI base, EngineLink link) {
        this.endpoint = endpoint;
        this.link = link;
        this.secure = "https".equals(base.getScheme());
        String named = base.getHost();
        if ((!secure && !"http".equals(base.getScheme())) || named == null) {
            throw new IllegalArgumentException(
                    "address: " + base + " (expected: an http or https URL, for example http://127.0.0.1:8000)");
        }
        int port = base.getPort() >= 0 ? base.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
        this.host = named.startsWith("[") ? named.substring(1, named.length() - 1) : named;
        boolean literal = NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
        this.address = literal ? new InetSocketAddress(host, port) : InetSocketAddress.createUnresolved(host, port);
        this.authority = base.getRawAuthority();
        String path = base.getRawPath() == null ? "" : base.getRawPath();
        this.pathPrefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Returns the endpoint's name. */
    String endpoint() {
        return endpoint;
    }

    EngineLink link() {
        return link;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Returns what goes into the Host field. */
    String authority() {
        return authority;
    }

    /** Returns what stands before the path of each request, often nothing. */
    String pathPrefix() {
        return pathPrefix;
    }

    boolean http2() {
        return link.settings().protocol() == Protocol.HTTP2;
    }

    boolean secure() {
        return secure;
    }

    /** Returns the TLS of a new connection. Its handshake has no time limit: whoever waits has one for all of it. */
    SslHandler newTls(String... protocols) {
        var tls = new SslHandler(link.newEngine(endpoint, host, address.getPort(), protocols));
        tls.setHandshakeTimeoutMillis(0);
        return tls;
    }

    /** Returns whether the engine may be asked for usage in streams; one that refused it is spared for a while. */
    boolean takesUsageQuestion(long now) {
        return !refusesUsageQuestion || now - refusesUntil >= 0;
    }

    /** Notes that the engine refuses requests that ask for usage. */
    void refusesUsageQuestion(long until) {
        refusesUsageQuestion = true;
        refusesUntil = until;
    }

    /** Notes that another lane took this one's place: its connections end with their requests. */
    void retire() {
        retired = true;
        closeIdle();
    }

    boolean retired() {
        return retired;
    }

    boolean isIdle() {
        return idle.isEmpty() && carriers.isEmpty();
    }

    void closeIdle() {
        @Nullable UpstreamConnection connection;
        while ((connection = idle.pollLast()) != null) {
            connection.abort();
        }
        new ArrayList<>(carriers).stream().filter(UpstreamCarrier::isIdle).forEach(UpstreamCarrier::close);
    }

    /** Returns the HTTP/2 connections, the oldest first. */
    List<UpstreamCarrier> carriers() {
        return carriers;
    }

    /** Returns the HTTP/1.1 connections that wait, the one used last at the end. */
    ArrayDeque<UpstreamConnection> idle() {
        return idle;
    }
}
