package dev.warmgate.twin.comparator;

import dev.warmgate.router.policy.Warm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The policy {@code warm} without the gateway's queue, and with one part of the price left out, to see what it is for. */
final class Ablations {
    private Ablations() {}

    static List<Contender> list() {
        var list = new ArrayList<Contender>();
        list.add(contender("warm-without-admission", Warm.Weights.DEFAULT));
        for (var part : Warm.Part.values()) {
            String name = "warm-without-" + part.name().toLowerCase(Locale.ROOT);
            list.add(contender(name, Warm.Weights.DEFAULT.without(part)));
        }
        return list;
    }

    private static Contender contender(String name, Warm.Weights weights) {
        return new Contender(name, 0, false, _ -> new Warm(name, weights));
    }
}
