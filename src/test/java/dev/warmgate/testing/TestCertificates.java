package dev.warmgate.testing;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** The keys and certificates that src/test/resources/dev/warmgate/testing/tls/make made. */
public final class TestCertificates {
    private static final Path FOLDER =
            Path.of("src/test/resources/dev/warmgate/testing/tls").toAbsolutePath();

    private TestCertificates() {}

    /** Returns the certificate of a name: {@code ca}, {@code server}, {@code client} and so on. */
    public static Path certificate(String name) {
        return FOLDER.resolve(name + ".pem");
    }

    /** Returns the private key of a name. */
    public static Path key(String name) {
        return FOLDER.resolve(name + ".key");
    }

    /** Returns a builder of a server's side with the certificate of a name. */
    public static SslContextBuilder server(String name) {
        return SslContextBuilder.forServer(certificate(name).toFile(), key(name).toFile())
                .sslProvider(SslProvider.JDK);
    }

    /**
     * Returns a server's side with the certificate of a name.
     *
     * @param authority the authority whose client certificates are demanded; none if empty
     */
    public static SSLContext context(String name, String authority) throws SSLException {
        var builder = server(name);
        if (!authority.isEmpty()) {
            builder.trustManager(certificate(authority).toFile()).clientAuth(ClientAuth.REQUIRE);
        }
        return ((JdkSslContext) builder.build()).context();
    }
}
