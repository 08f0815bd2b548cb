package dev.warmgate.engine.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** TLS sockets of one link, for blocking clients: checks and sends the configured name of the server. */
public final class LinkSocketFactory extends SSLSocketFactory {
    private final SSLSocketFactory factory;
    private final @Nullable String serverName;
    private final Consumer<SSLParameters> prepare;

    LinkSocketFactory(SSLSocketFactory factory, @Nullable String serverName, Consumer<SSLParameters> prepare) {
        this.factory = factory;
        this.serverName = serverName;
        this.prepare = prepare;
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
        return prepared(factory.createSocket(plain, serverName == null ? host : serverName, port, autoClose));
    }

    /**
     * Returns a socket over a connected one on which HTTP/2 is agreed upon by ALPN (RFC 7301); the plain one is closed with it.
     *
     * @throws IOException if the handshake fails; an {@link SSLHandshakeException} if the other side does not speak HTTP/2
     */
    public Socket createHttp2Socket(Socket plain, String host, int port) throws IOException {
        var socket = (SSLSocket) createSocket(plain, host, port, true);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!"h2".equals(socket.getApplicationProtocol())) {
            throw new SSLHandshakeException("no_application_protocol"); // the name of the alert for it
        }
        return socket;
    }

    private Socket prepared(Socket socket) {
        if (socket instanceof SSLSocket secure) {
            var parameters = secure.getSSLParameters();
            prepare.accept(parameters);
            secure.setSSLParameters(parameters);
        }
        return socket;
    }

    // The JDK's HTTP client asks only for layered sockets; the others have no name to check.

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new UnsupportedOperationException("unconnected");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        throw new UnsupportedOperationException("unconnected");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw new UnsupportedOperationException("unconnected");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) throws IOException {
        throw new UnsupportedOperationException("unconnected");
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return factory.getSupportedCipherSuites();
    }
}
