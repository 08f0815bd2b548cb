package dev.warmgate.app.epp;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Kubernetes quantities: {@code "1Gi"}, {@code "500M"}, {@code 1k}, {@code 1e3}, or a number. */
final class Quantities {
    static final String EXPECTED = "a quantity of at least 0 such as 5000, 1k, 500M or 1Gi";

    private static final Pattern FORM = Pattern.compile(
            "([-+]?)([0-9]{1,40}(?:\\.[0-9]{0,40})?|\\.[0-9]{1,40})(?:([numkMGTPE]|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([-+]?[0-9]{1,3}))?");
    private static final Map<String, BigDecimal> UNITS = Map.ofEntries(
            Map.entry("n", new BigDecimal("1e-9")),
            Map.entry("u", new BigDecimal("1e-6")),
            Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("k", new BigDecimal("1e3")),
            Map.entry("M", new BigDecimal("1e6")),
            Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")),
            Map.entry("P", new BigDecimal("1e15")),
            Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", new BigDecimal(1L << 10)),
            Map.entry("Mi", new BigDecimal(1L << 20)),
            Map.entry("Gi", new BigDecimal(1L << 30)),
            Map.entry("Ti", new BigDecimal(1L << 40)),
            Map.entry("Pi", new BigDecimal(1L << 50)),
            Map.entry("Ei", new BigDecimal(1L << 60)));

    private Quantities() {}

    /** Returns a quantity as a whole number, parts rounded up as Kubernetes does; null if it is none or negative. */
    @Nullable
    static Long read(Tree tree) {
        return switch (tree) {
            case Tree.Text(int _, String text) -> parse(text);
            case Tree.Numeral(int _, String literal) -> parse(literal);
            case Tree.Bool _, Tree.Null _, Tree.Items _, Tree.Fields _ -> null;
        };
    }

    /** Returns the value of a text; null if it is none or negative. Beyond a long it is the largest long. */
    @Nullable
    static Long parse(String text) {
        var parts = FORM.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        var value = new BigDecimal(parts.group(2));
        if (parts.group(3) != null) {
            value = value.multiply(UNITS.getOrDefault(parts.group(3), BigDecimal.ONE));
        } else if (parts.group(4) != null) {
            value = value.scaleByPowerOfTen(Integer.parseInt(parts.group(4)));
        }
        if (parts.group(1).equals("-") && value.signum() != 0) {
            return null;
        }
        return value.setScale(0, RoundingMode.CEILING)
                .min(new BigDecimal(Long.MAX_VALUE))
                .longValueExact();
    }
}
