package dev.warmgate.router.policy;

import dev.warmgate.router.LeastRequests;
import dev.warmgate.router.RoutingPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The policies that can be named in a configuration. */
public final class Policies {
    /** The default. */
    public static final String WARM = "warm";

    private static final Map<String, Supplier<RoutingPolicy>> ALL = all();

    private Policies() {}

    private static Map<String, Supplier<RoutingPolicy>> all() {
        var map = new LinkedHashMap<String, Supplier<RoutingPolicy>>();
        map.put(WARM, Warm::new);
        map.put("round-robin", RoundRobin::new);
        map.put("least-requests", LeastRequests::new);
        map.put("weighted", Weighted::new);
        map.put("power-of-two", PowerOfTwo::new);
        map.put("random", RandomChoice::new);
        map.put("session-hash", SessionHash::new);
        return map;
    }

    /** Returns all names, the default first. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** Returns a new policy for one pool, or null if there is none of that name. */
    public static @Nullable RoutingPolicy create(String name) {
        var factory = ALL.get(name);
        return factory == null ? null : factory.get();
    }
}
