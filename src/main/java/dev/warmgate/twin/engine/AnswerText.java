package dev.warmgate.twin.engine;

import dev.warmgate.router.prefix.XxHash64;

/**
 * The text and length of simulated answers: both follow from a seed, so equal prompts get equal answers.
 *
 * <p>A token is a word of three letters and a space, four bytes, which {@link TwinTokenizer} reads back as the same
 * token.
 */
public final class AnswerText {
    /** Bytes of a token. */
    public static final int TOKEN_BYTES = 4;

    /** Mean length of an answer that the client did not limit, in tokens. */
    static final int MEAN_TOKENS = 200;

    private static final double SIGMA = 0.7;
    private static final byte[] FIRST = {'b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z'
    };
    private static final byte[] MIDDLE = {'a', 'e', 'i', 'o'};
    private static final byte[] LAST = {'b', 'd', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'x', 'y', 'w', 'f', 'z'};

    private AnswerText() {}

    /** Returns an answer of {@code tokens} words: ASCII letters and spaces only. */
    public static byte[] write(long seed, int tokens) {
        var text = new byte[tokens * TOKEN_BYTES];
        for (int i = 0; i < tokens; i++) {
            long bits = XxHash64.mix(seed + i * 0x9E3779B97F4A7C15L);
            int at = i * TOKEN_BYTES;
            text[at] = FIRST[(int) (bits & 15)];
            text[at + 1] = MIDDLE[(int) (bits >>> 4 & 3)];
            text[at + 2] = LAST[(int) (bits >>> 6 & 15)];
            text[at + 3] = ' ';
        }
        return text;
    }

    /**
     * Returns how long the model would answer if nobody limited it: lognormal, mean 200, at least 1.
     *
     * @param most no answer is longer, in tokens; at least 1
     */
    public static int length(long seed, int most) {
        // Box-Muller from two uniform numbers in (0, 1].
        double u = ((XxHash64.mix(seed ^ 0x5851F42D4C957F2DL) >>> 11) + 1) * 0x1.0p-53;
        double v = ((XxHash64.mix(seed ^ 0x14057B7EF767814FL) >>> 11) + 1) * 0x1.0p-53;
        double normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
        double tokens = Math.exp(Math.log(MEAN_TOKENS) - SIGMA * SIGMA / 2 + SIGMA * normal);
        return Math.clamp(Math.round(tokens), 1, most);
    }
}
