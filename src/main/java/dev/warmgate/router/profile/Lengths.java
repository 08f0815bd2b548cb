package dev.warmgate.router.profile;

import dev.warmgate.router.Endpoint;

/** The lengths of prompts that an endpoint is for, in tokens, as its label says. */
sealed interface Lengths {
    /** Returns whether a prompt may go there. */
    boolean takes(int tokens);

    /** Returns how well it suits, 0..1. */
    double score(int tokens);

    static Lengths of(ContextLength plugin, Endpoint endpoint) {
        var value = endpoint.spec().labels().get(plugin.label());
        return value == null ? new Any() : parse(value);
    }

    private static Lengths parse(String value) {
        int dash = value.indexOf('-');
        if (dash <= 0) {
            return new Unreadable();
        }
        try {
            int min = Integer.parseUnsignedInt(value, 0, dash, 10);
            int max = Integer.parseUnsignedInt(value, dash + 1, value.length(), 10);
            return min >= 0 && max >= min ? new Between(min, max) : new Unreadable();
        } catch (NumberFormatException _) {
            return new Unreadable();
        }
    }

    /** No label. */
    record Any() implements Lengths {
        @Override
        public boolean takes(int tokens) {
            return true;
        }

        @Override
        public double score(int tokens) {
            return 0.5;
        }
    }

    /** A label that nobody can read. */
    record Unreadable() implements Lengths {
        @Override
        public boolean takes(int tokens) {
            return false;
        }

        @Override
        public double score(int tokens) {
            return 0;
        }
    }

    /** From {@code min} to {@code max}. */
    record Between(int min, int max) implements Lengths {
        /*
         * inside:   0.3 + 0.7·( 0.7/(1 + width/10000) + 0.3·(max − n)/width ), 1 if the width is 0
         * outside:  0.3/(1 + distance/1000)
         */
        private static final double OUTSIDE = 0.3;
        private static final double INSIDE = 0.7;
        private static final double NARROW = 0.7;
        private static final double ROOMY = 0.3;
        private static final double WIDTH_TOKENS = 10_000;
        private static final double DISTANCE_TOKENS = 1000;

        @Override
        public boolean takes(int tokens) {
            return tokens >= min && tokens <= max;
        }

        @Override
        public double score(int tokens) {
            if (!takes(tokens)) {
                double distance = tokens < min ? min - tokens : tokens - max;
                return OUTSIDE / (1 + distance / DISTANCE_TOKENS);
            }
            double width = max - min;
            return width == 0
                    ? 1
                    : OUTSIDE + INSIDE * (NARROW / (1 + width / WIDTH_TOKENS) + ROOMY * (max - tokens) / width);
        }
    }
}
