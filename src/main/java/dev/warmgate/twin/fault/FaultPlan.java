package dev.warmgate.twin.fault;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which faults a simulated model server shows, and how often. Immutable.
 *
 * @param seed decides what happens when; each replica adds its own number
 * @param chances how often each fault happens; those that are missing never do
 * @param stallTime how long a stalled answer lasts until its connection is reset; more than zero
 * @param vanishTime how long a server that vanished does not listen; more than zero
 * @param acceptDelay how long a connection is not read that was accepted slowly; more than zero
 * @param poison a request whose body has this text makes the server vanish; null if none does
 */
public record FaultPlan(
        long seed,
        Map<Fault, Chance> chances,
        Duration stallTime,
        Duration vanishTime,
        Duration acceptDelay,
        @Nullable String poison) {

    /** No faults. */
    public static final FaultPlan NONE =
            new FaultPlan(0, Map.of(), Duration.ofMinutes(10), Duration.ofSeconds(2), Duration.ofMillis(500), null);

    public FaultPlan {
        var copy = new EnumMap<Fault, Chance>(Fault.class);
        copy.putAll(chances);
        chances = Collections.unmodifiableMap(copy);
        for (var moment : Fault.Moment.values()) {
            double sum = copy.entrySet().stream()
                    .filter(entry -> entry.getKey().moment() == moment)
                    .mapToDouble(entry -> entry.getValue().probability())
                    .sum();
            if (sum > 1 + 1e-9) {
                throw new IllegalArgumentException("probabilities: " + sum + " together for each " + label(moment)
                        + " (expected: at most 1, because at most one fault happens)");
            }
        }
        requirePositive("stall-time", stallTime);
        requirePositive("vanish-time", vanishTime);
        requirePositive("accept-delay", acceptDelay);
        if (poison != null && poison.isEmpty()) {
            throw new IllegalArgumentException("poison: \"\" (expected: a text)");
        }
    }

    /**
     * Reads a plan, for example {@code reset-before=0.02,vanish=1x,vanish-time=500ms,seed=7}: names and values separated by
     * commas or white space; the empty text is {@link #NONE}.
     *
     * @throws IllegalArgumentException if it is none, with what is wrong and what is allowed
     */
    public static FaultPlan parse(String text) {
        long seed = NONE.seed;
        var chances = new EnumMap<Fault, Chance>(Fault.class);
        var stallTime = NONE.stallTime;
        var vanishTime = NONE.vanishTime;
        var acceptDelay = NONE.acceptDelay;
        String poison = null;
        for (String part : text.strip().split("[,\\s]+", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            switch (name) {
                case "seed" -> seed = number(name, value);
                case "stall-time" -> stallTime = duration(name, value);
                case "vanish-time" -> vanishTime = duration(name, value);
                case "accept-delay" -> acceptDelay = duration(name, value);
                case "poison" -> poison = value;
                default -> chances.put(fault(name), Chance.parse(name, value));
            }
        }
        return new FaultPlan(seed, chances, stallTime, vanishTime, acceptDelay, poison);
    }

    private static Fault fault(String name) {
        for (var fault : Fault.values()) {
            if (fault.label().equals(name)) {
                return fault;
            }
        }
        throw new IllegalArgumentException("fault: \"" + name + "\" (expected: one of "
                + Arrays.stream(Fault.values()).map(Fault::label).collect(Collectors.joining(", "))
                + ", or seed, stall-time, vanish-time, accept-delay, poison)");
    }

    private static long number(String name, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException(name + ": \"" + value + "\" (expected: a whole number)");
        }
    }

    private static Duration duration(String name, String value) {
        boolean millis = value.endsWith("ms");
        String digits = value.substring(0, Math.max(0, value.length() - (millis ? 2 : 1)));
        try {
            long count = Long.parseLong(digits);
            if (millis) {
                return Duration.ofMillis(count);
            }
            if (value.endsWith("s")) {
                return Duration.ofSeconds(count);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new IllegalArgumentException(name + ": \"" + value + "\" (expected: a time such as 250ms or 2s)");
    }

    private static void requirePositive(String name, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: more than zero)");
        }
    }

    private static String label(Fault.Moment moment) {
        return switch (moment) {
            case CONNECTION -> "connection";
            case REQUEST -> "request";
            case ANSWER -> "answer";
        };
    }

    /** Returns the plan as {@link #parse} reads it. */
    @Override
    public String toString() {
        var text = new StringJoiner(",");
        chances.forEach((fault, chance) -> text.add(fault.label() + "=" + chance));
        text.add("seed=" + seed)
                .add("stall-time=" + stallTime.toMillis() + "ms")
                .add("vanish-time=" + vanishTime.toMillis() + "ms")
                .add("accept-delay=" + acceptDelay.toMillis() + "ms");
        if (poison != null) {
            text.add("poison=" + poison);
        }
        return text.toString();
    }
}
