package dev.warmgate.router.tenancy;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Reason;
import org.jspecify.annotations.Nullable;

/** The reading of header values that anybody may have written. A blank one counts as absent, as proxies leave them. */
final class HeaderValues {
    private static final int SHOWN_CHARACTERS = 40;
    private static final int LONGEST_NUMBER = 16;
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final double DAY_MILLIS = 86_400_000;

    private HeaderValues() {}

    /** Returns a value, null if there is none, of the first name that has one. */
    static @Nullable String text(RequestFacts facts, String name, String alias, int longest) throws Refusal {
        String value = present(facts, name);
        String source = name;
        if (value == null) {
            value = present(facts, alias);
            source = alias;
        }
        if (value == null) {
            return null;
        }
        if (value.length() > longest) {
            throw bad(source, value, "at most " + longest + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw bad(source, value, "no control characters");
            }
        }
        return value;
    }

    /** Returns the priority that a header asks for, or null. */
    static @Nullable Integer priority(RequestFacts facts, String name) throws Refusal {
        String value = present(facts, name);
        if (value == null) {
            return null;
        }
        String digits = value.startsWith("-") ? value.substring(1) : value;
        if (isNumber(digits, false)) {
            long number = Long.parseLong(value);
            if (Standing.isPriority(number)) {
                return (int) number;
            }
        }
        throw bad(name, value, "a whole number from " + Standing.LOWEST_PRIORITY + " to " + Standing.HIGHEST_PRIORITY);
    }

    /** Returns a target in seconds, or the given one if there is none; fractions of milliseconds are allowed. */
    static double target(RequestFacts facts, String name, String alias, double otherwise) throws Refusal {
        String value = present(facts, name);
        if (value != null) {
            return seconds(name, value, true);
        }
        value = present(facts, alias);
        return value == null ? otherwise : seconds(alias, value, true);
    }

    /** Returns a timeout in seconds, or {@link Standing#NONE}. */
    static double timeout(RequestFacts facts, String name) throws Refusal {
        String value = present(facts, name);
        return value == null ? Standing.NONE : seconds(name, value, false);
    }

    private static double seconds(String name, String value, boolean fractions) throws Refusal {
        if (isNumber(value, fractions)) {
            double millis = Double.parseDouble(value);
            if (millis <= DAY_MILLIS && (fractions ? millis > 0 : millis >= 1)) {
                return millis / MILLIS_PER_SECOND;
            }
        }
        throw bad(
                name,
                value,
                fractions
                        ? "milliseconds, above 0 and at most 86400000"
                        : "a whole number of milliseconds from 1 to 86400000");
    }

    /** Returns whether a text is ASCII digits, with at most one point among them if that is allowed. */
    private static boolean isNumber(String text, boolean point) {
        boolean pointAllowed = point;
        boolean digits = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' && pointAllowed) {
                pointAllowed = false;
            } else if (c >= '0' && c <= '9') {
                digits = true;
            } else {
                return false;
            }
        }
        return digits && text.length() <= LONGEST_NUMBER;
    }

    private static @Nullable String present(RequestFacts facts, String name) {
        String value = facts.header(name);
        if (value == null) {
            return null;
        }
        String trimmed = trim(value);
        return trimmed.isEmpty() ? null : trimmed;
    }

    /** Drops the spaces and tabs around a value, and nothing else (RFC 9110, 5.5). */
    static String trim(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && isSpace(value.charAt(from))) {
            from++;
        }
        while (from < to && isSpace(value.charAt(to - 1))) {
            to--;
        }
        return value.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static Refusal bad(String name, String value, String expected) {
        return new Refusal(Reason.BAD_HEADER, name + ": " + quote(value) + " (expected: " + expected + ")");
    }

    /** Returns a value as it can be shown: shortened, without control characters. */
    static String quote(String value) {
        var shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(value.length(), SHOWN_CHARACTERS); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.append(value.length() > SHOWN_CHARACTERS ? "…\"" : "\"").toString();
    }
}
