package dev.warmgate.door;

import dev.warmgate.router.prefix.XxHash64;

/** What a request is known by when endpoints die under it, the same at all doors. */
public final class BodyHash {
    /** Of a long body its two ends are hashed whole, and what lies between in samples. */
    private static final int WHOLE = 32 << 10;

    private static final int SAMPLE = 64;
    private static final int STEP = 4 << 10;

    private BodyHash() {}

    /** Returns the hash of a request's path and body. */
    public static long of(String path, byte[] bytes, int from, int length) {
        long seed = XxHash64.mix(path.hashCode());
        if (length <= 2 * WHOLE) {
            return XxHash64.hash(bytes, from, length, seed);
        }
        long hash = XxHash64.hash(bytes, from, WHOLE, XxHash64.mix(seed + length));
        for (int at = WHOLE; at < length - WHOLE; at += STEP) {
            hash = XxHash64.hash(bytes, from + at, SAMPLE, hash);
        }
        return XxHash64.hash(bytes, from + length - WHOLE, WHOLE, hash);
    }
}
