package dev.warmgate.router.prefix;

import static java.lang.Long.rotateLeft;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * XXH64 over a byte array, from the algorithm's public specification (xxHash, "XXH64 algorithm description", version
 * 0.2.0). Not a cryptographic hash.
 */
public final class XxHash64 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    private XxHash64() {}

    /** Returns the hash of {@code length} bytes from {@code offset}. */
    public static long hash(byte[] bytes, int offset, int length, long seed) {
        int at = offset;
        int end = offset + length;
        long h;
        if (length >= 32) {
            long a = seed + P1 + P2;
            long b = seed + P2;
            long c = seed;
            long d = seed - P1;
            for (int last = end - 32; at <= last; at += 32) {
                a = round(a, (long) LONG.get(bytes, at));
                b = round(b, (long) LONG.get(bytes, at + 8));
                c = round(c, (long) LONG.get(bytes, at + 16));
                d = round(d, (long) LONG.get(bytes, at + 24));
            }
            h = rotateLeft(a, 1) + rotateLeft(b, 7) + rotateLeft(c, 12) + rotateLeft(d, 18);
            h = merge(h, a);
            h = merge(h, b);
            h = merge(h, c);
            h = merge(h, d);
        } else {
            h = seed + P5;
        }
        h += length;
        for (; at + 8 <= end; at += 8) {
            h = rotateLeft(h ^ round(0, (long) LONG.get(bytes, at)), 27) * P1 + P4;
        }
        if (at + 4 <= end) {
            h = rotateLeft(h ^ ((int) INT.get(bytes, at) & 0xFFFFFFFFL) * P1, 23) * P2 + P3;
            at += 4;
        }
        for (; at < end; at++) {
            h = rotateLeft(h ^ (bytes[at] & 0xFF) * P5, 11) * P1;
        }
        return mix(h);
    }

    /** Returns {@code h} with every input bit spread over every output bit; a bijection. */
    public static long mix(long h) {
        h ^= h >>> 33;
        h *= P2;
        h ^= h >>> 29;
        h *= P3;
        return h ^ (h >>> 32);
    }

    private static long round(long acc, long lane) {
        return rotateLeft(acc + lane * P2, 31) * P1;
    }

    private static long merge(long h, long acc) {
        return (h ^ round(0, acc)) * P1 + P4;
    }
}
