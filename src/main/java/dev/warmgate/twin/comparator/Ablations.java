package dev.warmgate.twin.comparator;

import dev.warmgate.router.policy.Warm;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The policy {@code warm} with one part left out, to see what it is for. */
final class Ablations {
    private Ablations() {}

    static List<Contender> list() {
        return Arrays.stream(Warm.Part.values()).map(Ablations::without).toList();
    }

    private static Contender without(Warm.Part part) {
        var weights = Warm.Weights.DEFAULT.without(part);
        String name = "warm-without-" + part.name().toLowerCase(Locale.ROOT);
        return new Contender(name, 0, false, _ -> new Warm(name, weights));
    }
}
