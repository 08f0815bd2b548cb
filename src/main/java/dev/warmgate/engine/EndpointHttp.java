package dev.warmgate.engine;

import dev.warmgate.engine.link.EngineLink;
import dev.warmgate.engine.link.LinkSocketFactory;
import dev.warmgate.router.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The questions asked to one endpoint: plain blocking GETs for a virtual thread.
 *
 * <p>{@link HttpURLConnection} and not {@code java.net.http}: the latter sets up TLS and a selector thread even for
 * plain HTTP, which measured 250 ms before the gateway's first answer.
 *
 * <p>Time limits: connecting and every single read are bounded by the call's limit, and so is the whole body. A server
 * that sends its header byte by byte escapes these; {@link EndpointMonitor} interrupts such a call from outside.
 */
final class EndpointHttp {
    private static final int PART = 16 << 10;

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
    private final Supplier<EngineLink> link;

    /** The factory of the TLS context used last: connections are kept by factory. Confined to the asking thread. */
    private @Nullable LinkSocketFactory sockets;

    private @Nullable SSLContext socketsOf;
    private @Nullable String socketsName;

    EndpointHttp(Endpoint endpoint, Supplier<EngineLink> link) {
        this.endpoint = endpoint.name();
        String text = endpoint.address().toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
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
        var connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) limit.toMillis());
        connection.setReadTimeout((int) limit.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("User-Agent", "warmgate");
        connection.setRequestProperty("Accept", accept);
        secure(connection);
        boolean complete = false;
        try {
            if (json != null) {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Content-Type", "application/json");
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

    private void secure(HttpURLConnection connection) {
        var way = link.get();
        String authorization = way.authorization();
        if (authorization != null) {
            connection.setRequestProperty("Authorization", authorization);
        }
        if (connection instanceof HttpsURLConnection tls) {
            String name = way.serverName(endpoint);
            if (sockets == null || !way.context().equals(socketsOf) || !Objects.equals(name, socketsName)) {
                socketsOf = way.context();
                socketsName = name;
                sockets = way.socketFactory(endpoint);
            }
            tls.setSSLSocketFactory(sockets);
            if (name != null || !way.settings().tls().verify()) {
                tls.setHostnameVerifier(ANY_NAME); // the factory's sockets check the name that is configured
            }
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
