package dev.warmgate.router.tenancy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An API key, held as its SHA-256 digest.
 *
 * <p>Equality takes the same time wherever two digests differ. A map of these still looks at a few bits of the digest
 * first to find its bucket, which tells an attacker nothing of use: who could choose a key by bits of its digest, could
 * not derive another key from them.
 */
public final class ApiKey {
    /** In front of a digest, to tell it from a key. */
    public static final String DIGEST_PREFIX = "sha256:";

    /** Shortest and longest key; a shorter one could be guessed from its digest. */
    public static final int SHORTEST = 16;

    private static final int LONGEST = 4096;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final byte[] digest;

    private ApiKey(byte[] digest) {
        this.digest = digest;
    }

    /**
     * Returns a key as it is written in a configuration: {@code sha256:} and 64 hexadecimal digits, or the key itself, 16
     * to 4096 visible ASCII characters; null if it is neither.
     */
    public static @Nullable ApiKey parse(String written) {
        if (written.startsWith(DIGEST_PREFIX)) {
            String hex = written.substring(DIGEST_PREFIX.length()).toLowerCase(Locale.ROOT);
            return DIGEST.matcher(hex).matches() ? new ApiKey(HexFormat.of().parseHex(hex)) : null;
        }
        return written.length() < SHORTEST ? null : presented(written);
    }

    /** Returns a key that a caller presents, or null if no key can look like that. */
    public static @Nullable ApiKey presented(String key) {
        if (key.isEmpty() || key.length() > LONGEST) {
            return null;
        }
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) <= ' ' || key.charAt(i) >= 0x7f) {
                return null;
            }
        }
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            return new ApiKey(sha256.digest(key.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Returns the digest as it is written in a configuration. */
    public String digest() {
        return DIGEST_PREFIX + HexFormat.of().formatHex(digest);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ApiKey key && MessageDigest.isEqual(digest, key.digest);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(digest).getInt();
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
