package dev.warmgate.dialect;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The search for one of two bytes, eight bytes at a time. */
final class ByteSearch {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = ONES << 7;

    private ByteSearch() {}

    /** Returns the first {@code a} or {@code b} from {@code from} on, or {@code to} if there is none before it. */
    static int indexOf(byte a, byte b, byte[] bytes, int from, int to) {
        long patternA = ONES * a;
        long patternB = ONES * b;
        int i = from;
        for (int last = to - 8; i <= last; i += 8) {
            long word = (long) LONG.get(bytes, i);
            // A byte that is zero after the exclusive or borrows when 1 is subtracted; the lowest such bit is exact.
            long noA = word ^ patternA;
            long noB = word ^ patternB;
            long found = (((noA - ONES) & ~noA) | ((noB - ONES) & ~noB)) & HIGH;
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (i < to && bytes[i] != a && bytes[i] != b) {
            i++;
        }
        return i;
    }
}
