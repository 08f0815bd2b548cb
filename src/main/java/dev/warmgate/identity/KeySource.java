package dev.warmgate.identity;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Reads a set of keys from where it is. Blocks, for a few seconds at most: for virtual threads only. */
interface KeySource {
    /** Sets of keys are a few KB; an answer without end must not fill the memory. */
    int LONGEST = 1 << 20;

    /** Returns the text of the set. */
    String read() throws IOException, InterruptedException;

    /** Returns the source at a location. */
    static KeySource at(KeyLocation location, @Nullable Path ca) {
        return switch (location) {
            case KeyLocation.File(var path) -> () -> read(path);
            case KeyLocation.Web web -> new Web(web, ca);
        };
    }

    private static String read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("larger than " + LONGEST + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Keys behind an address. Follows no redirects: they could lead to a place that nobody configured. */
    record Web(KeyLocation.Web location, @Nullable Path ca) implements KeySource {
        private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);
        private static final Duration LIMIT = Duration.ofSeconds(4);

        @Override
        public String read() throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(location.url())
                    .timeout(LIMIT)
                    .header("accept", "application/json")
                    .build();
            // Seldom used: a client of its own each time is cheaper than one whose threads live between the uses.
            try (var client = client()) {
                var limited = BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), LONGEST);
                HttpResponse<String> answer = client.send(request, limited);
                if (answer.statusCode() != 200) {
                    throw new IOException("answered " + answer.statusCode());
                }
                return answer.body();
            }
        }

        private HttpClient client() throws IOException {
            var builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_LIMIT)
                    .followRedirects(HttpClient.Redirect.NEVER);
            return ca == null
                    ? builder.build()
                    : builder.sslContext(trusting(ca)).build();
        }

        private static SSLContext trusting(Path ca) throws IOException {
            try (InputStream in = new FileInputStream(ca.toFile())) {
                var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
                trusted.load(null, null);
                int count = 0;
                for (Certificate certificate :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    trusted.setCertificateEntry("ca" + count++, certificate);
                }
                var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                managers.init(trusted);
                var context = SSLContext.getInstance("TLS");
                context.init(null, managers.getTrustManagers(), null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IOException("no certificates in " + ca + ": " + e.getMessage(), e);
            }
        }
    }
}
