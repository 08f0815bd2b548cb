package dev.warmgate.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes the Huffman code of HTTP/2's headers (RFC 7541 section 5.2).
 *
 * <p>The code is canonical: sorted by length, then by symbol, the codes of Appendix B follow each other. So the lengths say
 * all, and what a code means is found by counting.
 */
final class HpackHuffman {
    /** The lengths of the codes of 0 to 255 and the end of string, {@code A} for 5 bits up to {@code Z} for 30. */
    private static final String LENGTHS = "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCC"
            + "CCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQ"
            + "SRSSPRRRSRRSVVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";

    private static final int END = 256;
    private static final int SHORTEST = 5;
    private static final int LONGEST = 30;

    /** The symbols, in the order of their codes. */
    private static final int[] SYMBOLS = new int[LENGTHS.length()];

    /** How many codes have a length. */
    private static final int[] COUNTS = new int[LONGEST + 1];

    static {
        int next = 0;
        for (int length = SHORTEST; length <= LONGEST; length++) {
            for (int symbol = 0; symbol < LENGTHS.length(); symbol++) {
                if (LENGTHS.charAt(symbol) - 'A' + SHORTEST == length) {
                    SYMBOLS[next++] = symbol;
                    COUNTS[length]++;
                }
            }
        }
    }

    private HpackHuffman() {}

    /**
     * Returns the text, each byte as one character.
     *
     * @throws IOException if this is no such code
     */
    static String decode(byte[] bytes, int from, int to) throws IOException {
        byte[] text = new byte[(to - from) * 8 / SHORTEST];
        int written = 0;
        int code = 0;
        int length = 0;
        int first = 0; // the first code of this length
        int index = 0; // and its place among the symbols
        for (int i = from; i < to; i++) {
            for (int bit = 7; bit >= 0; bit--) {
                code = (code << 1) | ((bytes[i] >> bit) & 1);
                first = (first + COUNTS[length]) << 1;
                index += COUNTS[length];
                length++;
                if (length > LONGEST) {
                    throw new IOException("a header is not coded well");
                }
                if (code - first < COUNTS[length]) {
                    int symbol = SYMBOLS[index + code - first];
                    if (symbol == END) {
                        throw new IOException("a header is not coded well");
                    }
                    text[written++] = (byte) symbol;
                    code = 0;
                    length = 0;
                    first = 0;
                    index = 0;
                }
            }
        }
        // What is left must be a beginning of the end's code, of less than a byte: only ones.
        if (length > 7 || code != (1 << length) - 1) {
            throw new IOException("a header is not coded well");
        }
        return new String(Arrays.copyOf(text, written), StandardCharsets.ISO_8859_1);
    }
}
