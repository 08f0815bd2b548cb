package dev.warmgate.benchmarks.rig;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param warmUp the longest time that a proxy is warmed up
 * @param serverCore the core for the proxies; the rig's own is chosen by its caller
 */
record Options(List<Arm> arms, List<Shape> shapes, Duration duration, Duration warmUp, int rounds, String serverCore) {

    /** Reads the command line; null, after saying why, if it is wrong. */
    static @Nullable Options parse(String[] args) {
        var arms = Arm.usual();
        var shapes = List.of(Shape.values());
        int seconds = 8;
        int warmUp = 120;
        int rounds = 5;
        String core = "0";
        try {
            for (int i = 0; i < args.length; i += 2) {
                String value = i + 1 < args.length ? args[i + 1] : "";
                switch (args[i]) {
                    case "--arms" -> arms = list(value, Arm::of, Arm.values(), Arm::label);
                    case "--shapes" -> shapes = list(value, Shape::of, Shape.values(), Shape::label);
                    case "--seconds" -> seconds = Integer.parseInt(value);
                    case "--warm-up" -> warmUp = Integer.parseInt(value);
                    case "--rounds" -> rounds = Integer.parseInt(value);
                    case "--server-core" -> core = value;
                    default -> throw new IllegalArgumentException(args[i] + ": unknown option");
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println("rig: " + e.getMessage() + "; see benchmarks/rig/run --help");
            return null;
        }
        return new Options(arms, shapes, Duration.ofSeconds(seconds), Duration.ofSeconds(warmUp), rounds, core);
    }

    private static <T> List<T> list(
            String words, Function<String, Optional<T>> find, T[] all, Function<T, String> label) {
        var found = new ArrayList<T>();
        for (String word : words.split(",", -1)) {
            found.add(find.apply(word)
                    .orElseThrow(() -> new IllegalArgumentException(word + ": unknown (expected: any of "
                            + Stream.of(all).map(label).collect(Collectors.joining(",")) + ")")));
        }
        return found;
    }
}
