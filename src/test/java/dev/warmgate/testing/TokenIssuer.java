package dev.warmgate.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Somebody who signs tokens and publishes the keys on a real server. Any thread. */
public final class TokenIssuer implements AutoCloseable {
    public static final String NAME = "https://issuer.example/";
    public static final String AUDIENCE = "warmgate";

    private final HttpServer server;
    private final String scheme;
    private final AtomicInteger asked = new AtomicInteger();
    private final Semaphore mayAnswer = new Semaphore(Integer.MAX_VALUE / 2);
    private volatile int status = 200;
    private volatile String published = "{\"keys\":[]}";

    private TokenIssuer(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/keys", exchange -> {
            asked.incrementAndGet();
            mayAnswer.acquireUninterruptibly();
            mayAnswer.release();
            byte[] body = published.getBytes(UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/jwk-set+json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** Starts an issuer that publishes some keys. */
    public static TokenIssuer start(Key... keys) throws IOException {
        var issuer = new TokenIssuer(HttpServer.create(loopback(), 0), "http");
        issuer.publish(keys);
        return issuer;
    }

    /** Starts an issuer behind TLS. */
    public static TokenIssuer startTls(SSLContext context, Key... keys) throws IOException {
        var server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        var issuer = new TokenIssuer(server, "https");
        issuer.publish(keys);
        return issuer;
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    public URI keysUrl() {
        return URI.create(scheme + "://localhost:" + server.getAddress().getPort() + "/keys");
    }

    public void publish(Key... keys) {
        published = "{\"keys\":[" + Arrays.stream(keys).map(Key::publicJson).collect(Collectors.joining(",")) + "]}";
    }

    public void publishText(String text) {
        published = text;
    }

    /** Answers with a status from now on. */
    public void answer(int newStatus) {
        status = newStatus;
    }

    /** Answers nobody until {@link #release}. */
    public void hold() {
        mayAnswer.drainPermits();
    }

    public void release() {
        mayAnswer.release(Integer.MAX_VALUE / 2);
    }

    /** Returns how often the keys were asked for. */
    public int asked() {
        return asked.get();
    }

    @Override
    public void close() {
        release();
        server.stop(0);
    }

    /** A private key of the issuer. */
    public sealed interface Key {
        String id();

        String publicJson();

        /** Returns a token in its compact form. */
        String sign(JWSHeader header, JWTClaimsSet claims) throws Exception;

        JWSAlgorithm algorithm();

        /** Returns a token with some claims, signed with this key, of the usual kind. */
        default String token(JWTClaimsSet claims) throws Exception {
            return sign(
                    new JWSHeader.Builder(algorithm())
                            .keyID(id())
                            .type(JOSEObjectType.JWT)
                            .build(),
                    claims);
        }
    }

    private record LibraryKey(JWK jwk, JWSAlgorithm algorithm, JWSSigner signer) implements Key {
        @Override
        public String id() {
            return jwk.getKeyID();
        }

        @Override
        public String publicJson() {
            return jwk.toPublicJWK().toJSONString();
        }

        @Override
        public String sign(JWSHeader header, JWTClaimsSet claims) throws JOSEException {
            var token = new SignedJWT(header, claims);
            token.sign(signer);
            return token.serialize();
        }
    }

    private record EdwardsKey(String id, KeyPair pair) implements Key {
        @Override
        public JWSAlgorithm algorithm() {
            return JWSAlgorithm.EdDSA;
        }

        /** The last 32 bytes of the encoded key are its point (RFC 8410 section 4). */
        @Override
        public String publicJson() {
            byte[] encoded = pair.getPublic().getEncoded();
            byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
            return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point))
                    .keyID(id)
                    .build()
                    .toJSONString();
        }

        @Override
        public String sign(JWSHeader header, JWTClaimsSet claims) throws GeneralSecurityException {
            String input = header.toBase64URL() + "." + Base64URL.encode(claims.toString());
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(input.getBytes(UTF_8));
            return input + "." + Base64URL.encode(signature.sign());
        }
    }

    /** To find the primes of a key takes a second: these two serve all tests, under any name. */
    private static final class RsaKeys {
        static final RSAKey FIRST = generate();
        static final RSAKey SECOND = generate();

        private static RSAKey generate() {
            try {
                return new RSAKeyGenerator(2048).generate();
            } catch (JOSEException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Returns the same key under any name. */
    public static Key rsa(String id) throws JOSEException {
        return rsa(id, RsaKeys.FIRST);
    }

    /** Returns a key that is not the one of {@link #rsa}, the same under any name. */
    public static Key otherRsa(String id) throws JOSEException {
        return rsa(id, RsaKeys.SECOND);
    }

    private static Key rsa(String id, RSAKey pair) throws JOSEException {
        var key = new RSAKey.Builder(pair).keyID(id).build();
        return new LibraryKey(key, JWSAlgorithm.RS256, new RSASSASigner(key));
    }

    public static Key ec(String id) throws JOSEException {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        return new LibraryKey(key, JWSAlgorithm.ES256, new ECDSASigner(key));
    }

    public static Key edwards(String id) throws GeneralSecurityException {
        return new EdwardsKey(id, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
    }

    /** Returns the claims of a good token, with some more. */
    public static JWTClaimsSet claims(Instant now, Map<String, ? extends @Nullable Object> more) {
        var claims = new JWTClaimsSet.Builder()
                .issuer(NAME)
                .audience(List.of(AUDIENCE))
                .subject("somebody")
                .expirationTime(Date.from(now.plusSeconds(600)));
        more.forEach(claims::claim);
        return claims.build();
    }
}
