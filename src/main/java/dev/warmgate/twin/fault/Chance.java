package dev.warmgate.twin.fault;

/**
 * How often a fault happens: by chance, or a number of times.
 *
 * @param probability at each occasion, 0 to 1; 0 if the next ones are counted
 * @param next how many of the next occasions it takes, without chance; 0 if it goes by probability
 */
public record Chance(double probability, int next) {
    public Chance {
        if (!(probability >= 0 && probability <= 1) || next < 0 || (next > 0 && probability > 0)) {
            throw new IllegalArgumentException("chance: " + probability + ", " + next + "x (expected: one of both)");
        }
    }

    /** Reads {@code 0.05} or {@code 3x}. */
    static Chance parse(String name, String value) {
        try {
            if (value.endsWith("x")) {
                return new Chance(0, Integer.parseInt(value.substring(0, value.length() - 1)));
            }
            return new Chance(Double.parseDouble(value), 0);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException(
                    name + ": \"" + value + "\" (expected: a probability such as 0.05, or a number such as 3x)");
        }
    }

    @Override
    public String toString() {
        return next > 0 ? next + "x" : Double.toString(probability);
    }
}
