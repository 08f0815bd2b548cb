package dev.warmgate.app.config;

import dev.warmgate.door.Entropy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The key of all prompt block hashes: gateways that share it agree on hashes, and nobody without it can test whether a
 * prompt was seen.
 *
 * @param key 64 bits; must not be shown
 */
public record PromptSecret(long key) {
    /** Returns the key derived from a text: the first 64 bits of its SHA-256. */
    static PromptSecret of(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new PromptSecret(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Returns a key for this process alone. */
    public static PromptSecret random() {
        return new PromptSecret(Entropy.nextLong());
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
