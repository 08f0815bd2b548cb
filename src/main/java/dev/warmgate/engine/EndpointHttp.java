package dev.warmgate.engine;

import dev.warmgate.engine.link.EngineLink;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.LinkSocketFactory;
import dev.warmgate.router.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The questions asked to one endpoint, in the version of HTTP that requests are sent there in: plain blocking GETs and POSTs
 * for a virtual thread.
 *
 * <p>For HTTP/1.1 {@link HttpURLConnection} and not {@code java.net.http}: the latter sets up TLS and a selector thread even for
 * plain HTTP, which measured 250 ms before the gateway's first answer.
 *
 * <p>Time limits: connecting and every single read are bounded by the call's limit, and so is the whole body. A server
 * that sends its header byte by byte escapes these; {@link EndpointMonitor} interrupts such a call from outside.
 */
final class EndpointHttp implements AutoCloseable {
    private static final int PART = 16 << 10;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final String AGENT = "warmgate";
    private static final String JSON = "application/json";

    /** Takes a response body in parts. */
    interface Body {
        /** Ignores the body. */
        Body NONE = (bytes, count) -> {};

        void part(byte[] bytes, int count);
    }

    /**
     * How an endpoint answered.
     *
     * @param server the header of that name, if sent
     */
    record Answer(int status, @Nullable String server) {}

    private static final HostnameVerifier ANY_NAME = (name, session) -> true;

    private final String endpoint;
    private final String base;
    private final URI address;
    private final boolean tls;
    private final Supplier<EngineLink> link;

    /** The factory of the TLS context used last: connections are kept by factory. Confined to the asking thread. */
    private @Nullable LinkSocketFactory sockets;

    private @Nullable SSLContext socketsOf;
    private @Nullable String socketsName;

    /** The connection of HTTP/2 that the next question is asked on; confined to the asking thread. */
    private @Nullable Http2Connection kept;

    EndpointHttp(Endpoint endpoint, Supplier<EngineLink> link) {
        this.endpoint = endpoint.name();
        String text = endpoint.address().toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.address = URI.create(base);
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
        if (link.get().settings().protocol() == Protocol.HTTP2) {
            return askHttp2(path, json, accept, deadline, maxBytes, body);
        }
        var connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) limit.toMillis());
        connection.setReadTimeout((int) limit.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("User-Agent", AGENT);
        connection.setRequestProperty("Accept", accept);
        secure(connection);
        boolean complete = false;
        try {
            if (json != null) {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Content-Type", JSON);
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(json.length);
                try (var out = connection.getOutputStream()) {
                    out.write(json);
                }
            }
            int status = connection.getResponseCode();
            if (status < 0) {
                throw new IOException("not an HTTP answer");
            }
            try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                if (in != null) {
                    drain(in, deadline, maxBytes, status == 200 ? body : Body.NONE);
                }
            }
            complete = true;
            return new Answer(status, connection.getHeaderField("Server"));
        } finally {
            // A connection whose answer was read to its end is kept for the next question.
            if (!complete) {
                connection.disconnect();
            }
        }
    }

    private Answer askHttp2(String path, byte @Nullable [] json, String accept, long deadline, int maxBytes, Body body)
            throws IOException {
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
        String prefix = address.getRawPath() == null ? "" : address.getRawPath();
        byte[] header = HeaderBlock.question(json != null, tls, address.getRawAuthority(), prefix + path, fields);
        byte[] content = json == null ? new byte[0] : json;
        if (tls && staleSockets()) {
            close();
        }
        var used = kept;
        if (used != null) {
            try {
                return askOn(used, header, content, deadline, maxBytes, body);
            } catch (Http2Connection.Unheard _) {
                close(); // it was left idle for too long
            }
        }
        return askOn(connectHttp2(deadline), header, content, deadline, maxBytes, body);
    }

    private Answer askOn(
            Http2Connection connection, byte[] header, byte[] content, long deadline, int maxBytes, Body body)
            throws IOException {
        try {
            return connection.ask(header, content, deadline, maxBytes, body);
        } finally {
            if (!connection.usable()) {
                close();
            }
        }
    }

    private Http2Connection connectHttp2(long deadline) throws IOException {
        int port = address.getPort() < 0 ? (tls ? HTTPS_PORT : HTTP_PORT) : address.getPort();
        var socket = new Socket(Proxy.NO_PROXY);
        boolean begun = false;
        try {
            int left = (int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            socket.connect(new InetSocketAddress(address.getHost(), port), left);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(left);
            if (tls) {
                socket = sockets().createHttp2Socket(socket, address.getHost(), port);
            }
            var connection = new Http2Connection(socket, deadline);
            kept = connection;
            begun = true;
            return connection;
        } finally {
            if (!begun) {
                socket.close();
            }
        }
    }

    private void secure(HttpURLConnection connection) {
        var way = link.get();
        String authorization = way.authorization();
        if (authorization != null) {
            connection.setRequestProperty("Authorization", authorization);
        }
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(sockets());
            if (way.serverName(endpoint) != null || !way.settings().tls().verify()) {
                secure.setHostnameVerifier(ANY_NAME); // the factory's sockets check the name that is configured
            }
        }
    }

    private boolean staleSockets() {
        var way = link.get();
        return sockets == null
                || !way.context().equals(socketsOf)
                || !Objects.equals(way.serverName(endpoint), socketsName);
    }

    private LinkSocketFactory sockets() {
        var known = sockets;
        if (known != null && !staleSockets()) {
            return known;
        }
        var way = link.get();
        socketsOf = way.context();
        socketsName = way.serverName(endpoint);
        var made = way.socketFactory(endpoint);
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

    private static void drain(InputStream in, long deadline, int maxBytes, Body body) throws IOException {
        byte[] part = new byte[PART];
        int total = 0;
        int count;
        while ((count = in.read(part)) >= 0) {
            total += count;
            if (total > maxBytes) {
                throw new IOException("answer longer than " + maxBytes + " bytes");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new SocketTimeoutException("answer not complete in time");
            }
            body.part(part, count);
        }
    }
}
