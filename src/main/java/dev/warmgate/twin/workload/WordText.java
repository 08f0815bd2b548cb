package dev.warmgate.twin.workload;

/**
 * Spells {@link Text} out: words of three letters and a space, so that one word is one token of four bytes.
 *
 * <p>Word <i>i</i> of a stream depends on the seed, the stream and <i>i</i> only; the bytes are ASCII letters and spaces
 * and need no escaping in JSON.
 */
public final class WordText {
    /** Bytes per token. */
    public static final int BYTES_PER_TOKEN = 4;

    private static final int LETTERS = 26;

    private final long seed;

    /** Creates the text of one run; another seed gives other words everywhere. */
    public WordText(long seed) {
        this.seed = seed;
    }

    /** Writes {@code text} to {@code target} at {@code offset} and returns the offset behind it. */
    public int write(Text text, byte[] target, int offset) {
        long key = mix(seed * 0x9E3779B97F4A7C15L + text.stream());
        int at = offset;
        for (int i = 0; i < text.tokens(); i++) {
            long word = mix(key + i * 0x9E3779B97F4A7C15L) >>> 1;
            target[at] = letter(word);
            target[at + 1] = letter(word / LETTERS);
            target[at + 2] = letter(word / (LETTERS * LETTERS));
            target[at + 3] = ' ';
            at += BYTES_PER_TOKEN;
        }
        return at;
    }

    private static byte letter(long value) {
        return (byte) ('a' + value % LETTERS);
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
