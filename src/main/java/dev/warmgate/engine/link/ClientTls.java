package dev.warmgate.engine.link;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Makes TLS contexts of settings and the files that they name. */
final class ClientTls {
    private static final char[] NO_PASSWORD = new char[0];

    private ClientTls() {}

    /**
     * Returns a context; sessions are kept in it and taken up again by later connections.
     *
     * @param texts what is in the files of the settings, by their names
     * @throws GeneralSecurityException if a file does not hold what it should; the message names it
     */
    static SSLContext context(TlsSettings settings, Map<String, String> texts) throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(keys(settings, texts), trust(settings, texts), null);
        return context;
    }

    private static KeyManager @Nullable [] keys(TlsSettings settings, Map<String, String> texts)
            throws GeneralSecurityException {
        if (settings.certificateFile() == null || settings.keyFile() == null) {
            return null;
        }
        String chainFile = settings.certificateFile().toString();
        String keyFile = settings.keyFile().toString();
        var chain = certificates(chainFile, texts);
        try {
            var key = Pem.privateKey(texts.getOrDefault(keyFile, ""));
            var store = emptyStore();
            store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(keyFile + ": " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trust(TlsSettings settings, Map<String, String> texts)
            throws GeneralSecurityException {
        if (!settings.verify()) {
            return new TrustManager[] {new TrustAnything()};
        }
        if (settings.caFile() == null) {
            return null; // what the Java installation trusts
        }
        var store = emptyStore();
        int number = 0;
        for (var authority : certificates(settings.caFile().toString(), texts)) {
            store.setCertificateEntry("ca-" + number++, authority);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static List<X509Certificate> certificates(String file, Map<String, String> texts)
            throws GeneralSecurityException {
        try {
            return Pem.certificates(texts.getOrDefault(file, ""));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(file + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
        return store;
    }
}
