package dev.warmgate.dialect;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a stream, whose pieces are cut anywhere, the event that has nothing but usage, for a client that did not
 * ask for it.
 *
 * <p>Held back is only what may still turn out to be such an event: the beginning of one whose first choice has not
 * come, and of that no more than {@value #MOST_HELD} bytes. All else passes as it came, when it comes. The result does
 * not depend on where the stream was cut.
 */
final class UsageHider {
    /** More than engines write in front of the choices, by far. */
    static final int MOST_HELD = 16 << 10;

    private static final byte[] NOTHING = {};

    private byte[] held = NOTHING;
    private int heldLength;

    /** Whether some of the block that is open has passed. */
    private boolean passes;

    private boolean hidLast;

    // About the piece that is being read.
    private int blockStart;
    private int[] hidden = new int[4];
    private int hiddenLength;
    private byte[] released = NOTHING;

    void begin() {
        blockStart = 0;
        hiddenLength = 0;
        released = NOTHING;
    }

    /**
     * Notes that a block of lines has ended.
     *
     * @param end the index behind it in the piece
     */
    void blockEnded(int end, boolean usageOnly) {
        hidLast = usageOnly && !passes && heldLength + end - blockStart <= MOST_HELD;
        if (hidLast) {
            heldLength = 0;
            hide(blockStart, end);
        } else {
            release();
        }
        blockStart = end;
        passes = false;
    }

    /** Notes that the block before ends only at {@code end}. */
    void lateLineFeed(int end) {
        if (hidLast) {
            hide(blockStart, end);
        }
        blockStart = end;
    }

    private void hide(int from, int to) {
        if (hiddenLength == hidden.length) {
            hidden = Arrays.copyOf(hidden, 2 * hiddenLength);
        }
        hidden[hiddenLength++] = from;
        hidden[hiddenLength++] = to;
    }

    private void release() {
        if (heldLength > 0) {
            released = Arrays.copyOf(held, heldLength);
            heldLength = 0;
        }
    }

    /**
     * Returns what of the piece may pass now, with what was held back before; null if it is the piece as it is.
     *
     * @param from where the piece begins in {@code bytes}
     * @param decided whether the block that is open carries more than usage
     */
    byte @Nullable [] end(ByteBuffer bytes, int from, int length, boolean decided) {
        if (blockStart < length) {
            int rest = length - blockStart;
            if (passes || decided || heldLength + rest > MOST_HELD) {
                passes = true;
                release();
            } else {
                hold(bytes, from + blockStart, rest);
                hide(blockStart, length);
            }
        }
        if (hiddenLength == 0 && released.length == 0) {
            return null;
        }
        byte[] passing = Arrays.copyOf(released, released.length + length - hiddenBytes());
        int at = released.length;
        int next = 0;
        for (int i = 0; i <= hiddenLength; i += 2) {
            int to = i < hiddenLength ? hidden[i] : length;
            bytes.get(from + next, passing, at, to - next);
            at += to - next;
            next = i < hiddenLength ? hidden[i + 1] : length;
        }
        return passing;
    }

    private int hiddenBytes() {
        int sum = 0;
        for (int i = 0; i < hiddenLength; i += 2) {
            sum += hidden[i + 1] - hidden[i];
        }
        return sum;
    }

    private void hold(ByteBuffer bytes, int from, int length) {
        if (heldLength + length > held.length) {
            held = Arrays.copyOf(held, Math.max(heldLength + length, 256));
        }
        bytes.get(from, held, heldLength, length);
        heldLength += length;
    }

    /** Returns what is still held back when the stream ends without the empty line that ends an event. */
    byte[] rest(boolean usageOnly) {
        byte[] rest = usageOnly ? NOTHING : Arrays.copyOf(held, heldLength);
        heldLength = 0;
        return rest;
    }
}
