package dev.warmgate.engine;

import dev.warmgate.engine.EndpointConnection.Question;
import dev.warmgate.engine.link.EngineLink;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.LinkSockets;
import dev.warmgate.router.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The questions asked to one endpoint, in the version of HTTP that requests are sent there in: plain blocking GETs and POSTs
 * for a virtual thread.
 *
 * <p>Time limits: connecting is bounded by the call's limit, and so is the whole answer; {@link EndpointMonitor} interrupts a
 * call that outlives it all the same, in a TLS handshake for example.
 */
final class EndpointHttp implements AutoCloseable {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final String AGENT = "warmgate";
    private static final String JSON = "application/json";

    /** Takes a response body in parts. */
    interface Body {
        /** Ignores the body. */
        Body NONE = (bytes, from, count) -> {};

        void part(byte[] bytes, int from, int count);
    }

    /**
     * How an endpoint answered.
     *
     * @param server the header of that name, if sent
     */
    record Answer(int status, @Nullable String server) {}

    private final String endpoint;
    private final String prefix;
    private final URI address;
    private final boolean tls;
    private final Supplier<EngineLink> link;

    /** The sockets of the TLS context used last. Confined to the asking thread. */
    private @Nullable LinkSockets sockets;

    private @Nullable SSLContext socketsOf;
    private @Nullable String socketsName;

    /** The connection that the next question is asked on; confined to the asking thread. */
    private @Nullable EndpointConnection kept;

    private boolean keptHttp2;

    EndpointHttp(Endpoint endpoint, Supplier<EngineLink> link) {
        this.endpoint = endpoint.name();
        String text = endpoint.address().toString();
        this.address = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        this.prefix = address.getRawPath() == null ? "" : address.getRawPath();
        this.tls = "https".equals(address.getScheme());
        this.link = link;
    }

    /**
     * Asks one question.
     *
     * @param maxBytes a longer body is an error
     * @param body called with the parts of a 200 answer's body
     * @throws SocketTimeoutException if the answer is not complete within the limit
     * @throws java.net.ConnectException if no connection could be made
     */
    Answer get(String path, String accept, Duration limit, int maxBytes, Body body) throws IOException {
        return ask(path, null, accept, limit, maxBytes, body);
    }

    /** The same with a JSON body that is sent. */
    Answer post(String path, byte[] json, String accept, Duration limit, int maxBytes, Body body) throws IOException {
        return ask(path, json, accept, limit, maxBytes, body);
    }

    private Answer ask(String path, byte @Nullable [] json, String accept, Duration limit, int maxBytes, Body body)
            throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        if (tls && staleSockets()) {
            close();
        }
        var fields = new LinkedHashMap<String, String>();
        fields.put("user-agent", AGENT);
        fields.put("accept", accept);
        String authorization = link.get().authorization();
        if (authorization != null) {
            fields.put("authorization", authorization);
        }
        if (json != null) {
            fields.put("content-type", JSON);
            fields.put("content-length", Integer.toString(json.length));
        }
        byte[] content = json == null ? new byte[0] : json;
        var question = new Question(json != null, tls, address.getRawAuthority(), prefix + path, fields, content);
        boolean http2 = link.get().settings().protocol() == Protocol.HTTP2;
        if (keptHttp2 != http2) {
            close();
        }
        var used = kept;
        if (used != null) {
            try {
                return askOn(used, question, deadline, maxBytes, body);
            } catch (Unheard _) {
                close(); // it was left idle for too long
            }
        }
        return askOn(connect(http2, deadline), question, deadline, maxBytes, body);
    }

    private Answer askOn(EndpointConnection connection, Question question, long deadline, int maxBytes, Body body)
            throws IOException {
        try {
            return connection.ask(question, deadline, maxBytes, body);
        } finally {
            if (!connection.usable()) {
                close();
            }
        }
    }

    private EndpointConnection connect(boolean http2, long deadline) throws IOException {
        var socket = new Socket(Proxy.NO_PROXY);
        boolean begun = false;
        try {
            int left = (int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            socket.connect(new InetSocketAddress(address.getHost(), port()), left);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(left);
            var made = http2 ? new Http2Connection(http2(socket), deadline) : new Http1Connection(http1(socket));
            begun = true;
            close();
            kept = made;
            keptHttp2 = http2;
            return made;
        } finally {
            if (!begun) {
                socket.close();
            }
        }
    }

    private Socket http1(Socket plain) throws IOException {
        return tls ? sockets().secure(plain, address.getHost(), port()) : plain;
    }

    private Socket http2(Socket plain) throws IOException {
        return tls ? sockets().secureHttp2(plain, address.getHost(), port()) : plain;
    }

    private int port() {
        return address.getPort() >= 0 ? address.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    }

    private boolean staleSockets() {
        var way = link.get();
        return sockets == null
                || !way.context().equals(socketsOf)
                || !Objects.equals(way.serverName(endpoint), socketsName);
    }

    private LinkSockets sockets() {
        var known = sockets;
        if (known != null && !staleSockets()) {
            return known;
        }
        var way = link.get();
        socketsOf = way.context();
        socketsName = way.serverName(endpoint);
        var made = way.sockets(endpoint);
        sockets = made;
        return made;
    }

    /** Closes the connection that was kept; another question opens a new one. */
    @Override
    public void close() {
        if (kept != null) {
            kept.close();
            kept = null;
        }
    }
}
