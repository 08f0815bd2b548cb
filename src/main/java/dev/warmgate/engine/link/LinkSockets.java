package dev.warmgate.engine.link;

import java.io.IOException;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** TLS of one link over connected sockets, for blocking clients: checks and sends the configured name of the server. */
public final class LinkSockets {
    private final SSLSocketFactory factory;
    private final @Nullable String serverName;
    private final Consumer<SSLParameters> prepare;

    LinkSockets(SSLSocketFactory factory, @Nullable String serverName, Consumer<SSLParameters> prepare) {
        this.factory = factory;
        this.serverName = serverName;
        this.prepare = prepare;
    }

    /**
     * Returns a socket over a connected one, which is closed with it.
     *
     * @throws IOException if it cannot be made
     */
    public Socket secure(Socket plain, String host, int port) throws IOException {
        return prepared(plain, host, port);
    }

    /**
     * The same for a socket on which HTTP/2 is agreed upon by ALPN (RFC 7301).
     *
     * @throws IOException if the handshake fails; an {@link SSLHandshakeException} if the other side does not speak HTTP/2
     */
    public Socket secureHttp2(Socket plain, String host, int port) throws IOException {
        var socket = prepared(plain, host, port);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!"h2".equals(socket.getApplicationProtocol())) {
            throw new SSLHandshakeException("no_application_protocol"); // the name of the alert for it
        }
        return socket;
    }

    private SSLSocket prepared(Socket plain, String host, int port) throws IOException {
        var socket = (SSLSocket) factory.createSocket(plain, serverName == null ? host : serverName, port, true);
        var parameters = socket.getSSLParameters();
        prepare.accept(parameters);
        socket.setSSLParameters(parameters);
        return socket;
    }
}
