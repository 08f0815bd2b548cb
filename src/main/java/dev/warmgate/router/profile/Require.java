package dev.warmgate.router.profile;

import org.jspecify.annotations.Nullable;

/** Checks of parameters, in the words that configuration errors have. */
final class Require {
    private Require() {}

    static void that(boolean condition, String name, @Nullable Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    static void share(double value, String name) {
        that(value >= 0 && value <= 1, name, value, "0 to 1");
    }

    static void finite(double value, String name) {
        that(Double.isFinite(value), name, value, "a finite number");
    }

    static void named(String value, String name) {
        that(!value.isBlank(), name, "\"" + value + "\"", "a name");
    }
}
