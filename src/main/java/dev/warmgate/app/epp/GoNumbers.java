package dev.warmgate.app.epp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as Go's JSON decoder takes them. */
final class GoNumbers {
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,20}");

    private GoNumbers() {}

    /** Returns the value of a number for an {@code int}: written without fraction and exponent; null if it is none. */
    @Nullable
    static Long whole(Tree.Numeral number) {
        if (!WHOLE.matcher(number.literal()).matches()) {
            return null;
        }
        var value = new BigInteger(number.literal());
        return value.bitLength() > 63 ? null : (Long) value.longValueExact();
    }

    /** Returns the value of a number for a {@code float64}; null if it is too large for one. */
    @Nullable
    static Double floating(Tree.Numeral number) {
        try {
            double value = new BigDecimal(number.literal()).doubleValue();
            return Double.isInfinite(value) ? null : (Double) value;
        } catch (NumberFormatException e) {
            return null; // an exponent beyond all bounds
        }
    }
}
