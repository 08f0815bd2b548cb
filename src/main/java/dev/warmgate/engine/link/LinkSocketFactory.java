package dev.warmgate.engine.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** TLS sockets of one link, for the JDK's own HTTP client: checks and sends the configured name of the server. */
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
