package dev.warmgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of an issuer, and the tokens that were found right with them. Any thread; its keys never change.
 */
final class KeySet {
    /** No keys: nothing was fetched yet. */
    static final KeySet NONE = new KeySet("", List.of());

    private static final int MOST_KEYS = 100;
    private static final int MOST_TOKENS = 10_000;
    private static final int SHORTEST_RSA_BITS = 2048;

    /** One key. */
    private record Key(@Nullable String id, @Nullable String algorithm, Check check) {}

    /** Checks signatures of some algorithms. */
    private interface Check {
        boolean suits(JWSAlgorithm algorithm);

        boolean verify(SignedJWT token) throws JOSEException, GeneralSecurityException;
    }

    private final String text;
    private final List<Key> keys;
    private final Cache<TokenDigest, KnownToken> known = Caffeine.newBuilder()
            .maximumSize(MOST_TOKENS)
            .executor(Runnable::run)
            .build();

    private KeySet(String text, List<Key> keys) {
        this.text = text;
        this.keys = List.copyOf(keys);
    }

    /**
     * Returns the keys of a JWKS that can sign something. What this gateway does not understand is left out, as RFC 7517
     * section 5 wants it.
     *
     * @throws IOException if the text is no JWKS or has no usable key
     */
    static KeySet parse(String text) throws IOException {
        var keys = new ArrayList<Key>();
        try {
            for (var jwk : JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(text), "keys")) {
                var key = keys.size() < MOST_KEYS ? key(JWK.parse(jwk)) : null;
                if (key != null) {
                    keys.add(key);
                }
            }
        } catch (ParseException | RuntimeException e) {
            throw new IOException("not a set of keys (JWKS): " + e.getMessage(), e);
        }
        if (keys.isEmpty()) {
            throw new IOException("a set of keys (JWKS) without any that is for signatures");
        }
        return new KeySet(text, keys);
    }

    private static @Nullable Key key(JWK jwk) {
        boolean signs = (jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE))
                && (jwk.getKeyOperations() == null || jwk.getKeyOperations().contains(KeyOperation.VERIFY));
        try {
            var check = signs ? check(jwk) : null;
            return check == null
                    ? null
                    : new Key(
                            jwk.getKeyID(),
                            jwk.getAlgorithm() == null
                                    ? null
                                    : jwk.getAlgorithm().getName(),
                            check);
        } catch (JOSEException | GeneralSecurityException | RuntimeException _) {
            return null;
        }
    }

    private static @Nullable Check check(JWK jwk) throws JOSEException, GeneralSecurityException {
        return switch (jwk) {
            case RSAKey rsa ->
                rsa.size() < SHORTEST_RSA_BITS ? null : library(new RSASSAVerifier(rsa.toRSAPublicKey()));
            case ECKey ec -> library(new ECDSAVerifier(ec.toECPublicKey()));
            case OctetKeyPair octets -> {
                var key = Ed25519.key(octets);
                yield key == null ? null : edwards(key);
            }
            default -> null;
        };
    }

    private static Check library(JWSVerifier verifier) {
        var algorithms = Set.copyOf(verifier.supportedJWSAlgorithms());
        return new Check() {
            @Override
            public boolean suits(JWSAlgorithm algorithm) {
                return algorithms.contains(algorithm);
            }

            @Override
            public boolean verify(SignedJWT token) throws JOSEException {
                return token.verify(verifier);
            }
        };
    }

    private static Check edwards(PublicKey key) {
        return new Check() {
            @Override
            public boolean suits(JWSAlgorithm algorithm) {
                return algorithm.equals(JWSAlgorithm.EdDSA);
            }

            @Override
            public boolean verify(SignedJWT token) throws GeneralSecurityException {
                return Ed25519.verify(
                        key, token.getSigningInput(), token.getSignature().decode());
            }
        };
    }

    /** Returns whether these are the keys of a text. */
    boolean isOf(String other) {
        return text.equals(other);
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Returns a token that was found right with these keys, or null. */
    @Nullable
    KnownToken known(TokenDigest digest) {
        return known.getIfPresent(digest);
    }

    void remember(TokenDigest digest, KnownToken token) {
        known.put(digest, token);
    }

    /** Returns whether there is a key that a token can be signed with. */
    boolean has(SignedJWT token) {
        return keys.stream().anyMatch(key -> suits(key, token));
    }

    /** Returns whether a token is signed with one of these keys. */
    boolean verify(SignedJWT token) {
        for (var key : keys) {
            try {
                if (suits(key, token) && key.check.verify(token)) {
                    return true;
                }
            } catch (JOSEException | GeneralSecurityException | RuntimeException _) {
                // The signature cannot even be read: it is not right.
            }
        }
        return false;
    }

    /** A token without a key id may be signed with any key of its algorithm. */
    private static boolean suits(Key key, SignedJWT token) {
        var header = token.getHeader();
        String id = header.getKeyID();
        return (id == null || id.equals(key.id))
                && (key.algorithm == null
                        || key.algorithm.equals(header.getAlgorithm().getName()))
                && key.check.suits(header.getAlgorithm());
    }
}
