package dev.warmgate.door;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Random numbers that nobody can guess. Any thread. */
public final class Entropy {
    /** Where the JDK has its own from, on Linux and macOS. */
    private static final String KERNEL = "/dev/urandom";

    private Entropy() {}

    /** Returns 64 random bits. From the kernel itself, because preparing the JDK's cryptography is a good part of a start. */
    public static long nextLong() {
        try (var kernel = new FileInputStream(KERNEL)) {
            byte[] bytes = kernel.readNBytes(Long.BYTES);
            if (bytes.length == Long.BYTES) {
                return ByteBuffer.wrap(bytes).getLong();
            }
        } catch (IOException _) {
            // Another system.
        }
        return new SecureRandom().nextLong();
    }
}
