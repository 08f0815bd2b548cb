package dev.warmgate.twin.comparator;

import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.PluginChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Everything that can be simulated by name. */
public final class Contenders {
    /** An approximate index, if there is one, is as large as the endpoint says that its cache is. */
    private static final long AS_TOLD = 0;

    private static final List<Contender> ALL = all();

    private Contenders() {}

    private static List<Contender> all() {
        var list = new ArrayList<Contender>();
        for (var name : Policies.names()) {
            var contender = contender(name, AS_TOLD, _ -> Objects.requireNonNull(Policies.create(name)));
            list.add(name.equals(Policies.WARM) ? contender.queueing(AdmissionSettings.DEFAULT) : contender);
        }
        list.add(contender("reference", AS_TOLD, _ -> new Reference()));
        list.add(contender("llm-d", LlmD.INDEX_TOKENS, _ -> new LlmD(null)));
        list.add(contender("llm-d-precise", AS_TOLD, LlmD::new));
        list.add(contender("llm-d-inflight", LlmD.INDEX_TOKENS, _ -> new LlmDInFlight()));
        list.add(contender("dynamo", AS_TOLD, Dynamo::new));
        list.add(contender("smg", AS_TOLD, _ -> new Smg()));
        list.add(contender("aibrix", AS_TOLD, _ -> new Aibrix()));
        list.add(contender("preble", AS_TOLD, Preble::new));
        list.add(contender("lmetric", AS_TOLD, LMetric::new));
        list.add(contender("predicted-ttft", AS_TOLD, PredictedTtft::new));
        list.add(contender("chwbl", AS_TOLD, _ -> new Chwbl()));
        list.addAll(Ablations.list());
        list.add(new Contender("bound", AS_TOLD, true, Bound::new));
        return List.copyOf(list);
    }

    private static Contender contender(String name, long indexTokens, Function<FleetView, RoutingPolicy> policy) {
        return new Contender(name, indexTokens, false, policy);
    }

    /**
     * Returns a chain of plugins, with the index that it has when it serves traffic: as large as endpoints say.
     *
     * @param name what people call it by
     */
    public static Contender chain(String name, ChainSpec spec) {
        return contender(name, AS_TOLD, _ -> new PluginChain(spec));
    }

    /** Returns all, the policies that can serve traffic first, the bound last. */
    public static List<Contender> list() {
        return ALL;
    }

    /** Returns the contender of that name, or null if there is none. */
    public static @Nullable Contender named(String name) {
        return ALL.stream().filter(c -> c.name().equals(name)).findFirst().orElse(null);
    }
}
