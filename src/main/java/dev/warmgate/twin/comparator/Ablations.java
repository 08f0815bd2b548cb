package dev.warmgate.twin.comparator;

import dev.warmgate.router.policy.Warm;
import dev.warmgate.router.policy.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The policy {@code warm} without the gateway's queue, and with one part of the price left out, to see what it is for. */
final class Ablations {
    private Ablations() {}

    static List<Contender> list() {
        var list = new ArrayList<Contender>();
        list.add(contender("warm-without-admission", Weights.DEFAULT));
        for (var part : Weights.Part.values()) {
            String name = "warm-without-" + part.name().toLowerCase(Locale.ROOT);
            list.add(contender(name, Weights.DEFAULT.without(part)));
        }
        return list;
    }

    private static Contender contender(String name, Weights weights) {
        return new Contender(name, 0, false, _ -> new Warm(name, weights));
    }
}
