package dev.warmgate.proxy;

/**
 * An array for what needs one for a moment only, used again and again: so large ones are neither made nor cleared for each
 * request. Confined to one event loop.
 */
final class SharedArray {
    /** An array of more bytes is not kept. */
    private static final int MOST_KEPT = 4 << 20;

    private static final int LEAST = 64 << 10;

    private byte[] kept = {};

    /** Returns an array of at least so many bytes, whatever they are; good until the next call. */
    byte[] of(int size) {
        if (size <= kept.length) {
            return kept;
        }
        if (size > MOST_KEPT) {
            return new byte[size];
        }
        kept = new byte[Integer.highestOneBit(Math.max(size, LEAST) - 1) << 1];
        return kept;
    }
}
