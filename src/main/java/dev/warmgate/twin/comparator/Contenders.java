package dev.warmgate.twin.comparator;

import dev.warmgate.router.policy.Policies;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Everything that can be simulated by name. */
public final class Contenders {
    private static final List<Contender> ALL = all();

    private Contenders() {}

    private static List<Contender> all() {
        var list = new ArrayList<Contender>();
        for (var name : Policies.names()) {
            list.add(new Contender(name, 0, false, _ -> Objects.requireNonNull(Policies.create(name))));
        }
        return List.copyOf(list);
    }

    /** Returns all, the policies that can serve traffic first. */
    public static List<Contender> list() {
        return ALL;
    }

    /** Returns the contender of that name, or null if there is none. */
    public static @org.jspecify.annotations.Nullable Contender named(String name) {
        return ALL.stream().filter(c -> c.name().equals(name)).findFirst().orElse(null);
    }
}
