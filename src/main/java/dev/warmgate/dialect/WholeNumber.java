package dev.warmgate.dialect;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** The reading of counts from JSON numbers, however they are written: {@code 100}, {@code 100.0}, {@code 1e2}. */
final class WholeNumber {
    /** Not a whole number, or one that no count needs. */
    static final int INVALID = Integer.MIN_VALUE;

    private static final int SIMPLE_DIGITS = 9;
    private static final int LONGEST = 1000;

    private WholeNumber() {}

    /** Returns a valid JSON number, limited to {@link Integer#MAX_VALUE}; -1 for all negative ones. */
    static int parse(byte[] json, int start, int end) {
        if (end - start > SIMPLE_DIGITS) {
            return parseAny(json, start, end, false);
        }
        int value = 0;
        for (int i = start; i < end; i++) {
            int digit = json[i] - '0';
            if (digit < 0 || digit > 9) {
                return parseAny(json, start, end, false);
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Returns a valid JSON number, limited to ±{@link Integer#MAX_VALUE}. */
    static int parseSigned(byte[] json, int start, int end) {
        return parseAny(json, start, end, true);
    }

    private static int parseAny(byte[] json, int start, int end, boolean signed) {
        if (end - start > LONGEST) {
            return INVALID;
        }
        BigDecimal number;
        try {
            number = new BigDecimal(new String(json, start, end - start, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return INVALID; // its exponent is not an int
        }
        // Compared before it is converted: 1e999999999 has a billion digits.
        if (number.signum() < 0 && !signed) {
            return -1;
        }
        if (number.compareTo(BigDecimal.valueOf(-Integer.MAX_VALUE)) <= 0) {
            return -Integer.MAX_VALUE;
        }
        if (number.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) >= 0) {
            return Integer.MAX_VALUE;
        }
        int whole = number.intValue();
        return number.compareTo(BigDecimal.valueOf(whole)) == 0 ? whole : INVALID;
    }
}
