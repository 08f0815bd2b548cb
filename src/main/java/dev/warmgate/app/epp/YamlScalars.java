package dev.warmgate.app.epp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Scalars of YAML 1.1 as Kubernetes' reader, which follows go-yaml 2, turns them into JSON: {@code on} is true, {@code 010}
 * is eight, {@code 1.0} becomes the JSON number 1.
 */
final class YamlScalars {
    private static final Map<String, Boolean> TRUTHS = Map.ofEntries(
            Map.entry("y", true),
            Map.entry("yes", true),
            Map.entry("on", true),
            Map.entry("true", true),
            Map.entry("n", false),
            Map.entry("no", false),
            Map.entry("off", false),
            Map.entry("false", false));

    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Pattern WHOLE = Pattern.compile("([-+]?)(0[xX]|0[oO]|0[bB]|0(?=[0-9])|)([0-9a-fA-F]+)");
    private static final Pattern NOT_JSON = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64);
    private static final int LONGEST_NUMBER = 64;

    /** Beyond, Go writes a float with an exponent, which is no whole number any more. */
    private static final double LONGEST_PLAIN = 1e21;

    private YamlScalars() {}

    /** Returns the JSON value of a scalar. */
    static Tree read(ScalarEvent scalar, int line, Problems problems) {
        String text = scalar.getValue();
        String tag = scalar.getTag().orElse("");
        if ((!scalar.isPlain() && tag.isEmpty()) || tag.equals("!") || tag.equals("tag:yaml.org,2002:str")) {
            return new Tree.Text(line, text);
        }
        if (!tag.isEmpty() && !tag.startsWith("tag:yaml.org,2002:")) {
            problems.add(line, "", "unknown tag " + tag + " (expected: none)");
            return new Tree.Null(line);
        }
        if (text.isEmpty() || text.equals("~") || isCase(text, "null")) {
            return new Tree.Null(line);
        }
        var truth = TRUTHS.get(text.toLowerCase(Locale.ROOT));
        if (truth != null && isCase(text, text.toLowerCase(Locale.ROOT))) {
            return new Tree.Bool(line, truth);
        }
        if (NOT_JSON.matcher(text).matches()) {
            problems.add(line, "", text + " (expected: a number that JSON can write)");
            return new Tree.Null(line);
        }
        String literal = text.length() > LONGEST_NUMBER ? null : numeral(text.replace("_", ""));
        return literal == null ? new Tree.Text(line, text) : new Tree.Numeral(line, literal);
    }

    /** Whether a text is a word in small letters, with a capital, or in capitals. */
    private static boolean isCase(String text, String word) {
        String upper = word.toUpperCase(Locale.ROOT);
        return text.equals(word) || text.equals(upper) || text.equals(upper.charAt(0) + word.substring(1));
    }

    private static @Nullable String numeral(String text) {
        var whole = WHOLE.matcher(text);
        if (whole.matches()) {
            int base = switch (whole.group(2)) {
                case "0x", "0X" -> 16;
                case "0b", "0B" -> 2;
                case "" -> 10;
                default -> 8;
            };
            try {
                var value = new BigInteger(whole.group(1) + whole.group(3), base);
                if (value.abs().compareTo(MOST) < 0) {
                    return value.toString();
                }
            } catch (NumberFormatException e) {
                // 08 is no octal number, but a float
            }
        }
        return DECIMAL.matcher(text).matches() ? go(Double.parseDouble(text)) : null;
    }

    /** Returns how Go's JSON encoder writes a float. */
    private static @Nullable String go(double value) {
        if (Double.isInfinite(value)) {
            return null;
        }
        if (value == Math.rint(value) && Math.abs(value) < LONGEST_PLAIN) {
            return new BigDecimal(value).toBigInteger().toString();
        }
        return Double.toString(value);
    }
}
