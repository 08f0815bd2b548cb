package dev.warmgate.twin.report;

import java.util.Locale;

/** Numbers as people read them: about three digits, with a unit. */
final class Format {
    /** What nobody can know. */
    private static final String UNKNOWN = "-";

    private Format() {}

    static String count(long value) {
        return value < 0 ? UNKNOWN : String.format(Locale.ROOT, "%,d", value);
    }

    static String seconds(double seconds) {
        if (Double.isNaN(seconds)) {
            return UNKNOWN;
        }
        if (seconds == 0) {
            return "0 s";
        }
        return seconds < 1 ? digits(seconds * 1e3) + " ms" : digits(seconds) + " s";
    }

    /** For a chart's axis: no digits that say nothing. */
    static String secondsShort(double seconds) {
        return seconds == 0 || seconds >= 1 ? digitsShort(seconds) + " s" : digitsShort(seconds * 1e3) + " ms";
    }

    static String digitsShort(double value) {
        var text = String.format(Locale.ROOT, "%.2f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }

    static String percent(double share) {
        return Double.isNaN(share) ? UNKNOWN : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    static String wholePercent(double share) {
        return Double.isNaN(share) ? UNKNOWN : Math.round(share * 100) + " %";
    }

    static String perSecond(double rate) {
        return Double.isNaN(rate) ? UNKNOWN : digits(rate) + "/s";
    }

    static String times(double factor) {
        return digits(factor);
    }

    static String digits(double value) {
        if (Double.isNaN(value)) {
            return UNKNOWN;
        }
        double size = Math.abs(value);
        if (size >= 1000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
