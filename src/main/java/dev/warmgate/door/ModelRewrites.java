package dev.warmgate.door;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which model a request gets that asks for another: names for what is served, and shares of traffic for a model that is
 * tried out. Rules are those of the Kubernetes resource InferenceModelRewrite: the first rule for a model counts, one for
 * the model itself before one for all, and they are not applied again to what they lead to. Immutable; any thread.
 */
public final class ModelRewrites {
    /** Every request gets the model that it asks for. */
    public static final ModelRewrites NONE = new ModelRewrites(List.of());

    private final Map<String, List<Target>> byModel = new HashMap<>();
    private final @Nullable List<Target> ofAll;

    /**
     * A rule.
     *
     * @param model what is asked for, or null for any model
     * @param targets what is got instead; if there is none, requests are refused
     */
    public record Rule(@Nullable String model, List<Target> targets) {
        public Rule {
            targets = List.copyOf(targets);
        }
    }

    /**
     * A model that is got.
     *
     * @param model its name, not empty
     * @param weight its share beside the other targets of the rule; above 0
     */
    public record Target(String model, double weight) {
        public Target {
            if (model.isEmpty()) {
                throw new IllegalArgumentException("model: empty (expected: the name of a model)");
            }
            if (!(weight > 0)) {
                throw new IllegalArgumentException("weight: " + weight + " (expected: above 0)");
            }
        }
    }

    /** Creates rules, in their order. */
    public ModelRewrites(List<Rule> rules) {
        List<Target> all = null;
        for (var rule : rules) {
            if (rule.model == null) {
                all = all == null ? rule.targets : all;
            } else {
                byModel.putIfAbsent(rule.model, rule.targets);
            }
        }
        ofAll = all;
    }

    /** Returns whether a rule says something about a model. */
    boolean applyTo(String model) {
        return ofAll != null || byModel.containsKey(model);
    }

    /**
     * Returns what a request gets.
     *
     * @param session its conversation, whose turns all get the same while the rules stay; null to draw anew
     * @return null if it gets nothing
     */
    @Nullable
    String target(String model, @Nullable String session) {
        var targets = byModel.getOrDefault(model, ofAll);
        if (targets == null) {
            return model;
        }
        double all = 0;
        for (var target : targets) {
            all += target.weight;
        }
        double draw = all * (session == null ? ThreadLocalRandom.current().nextDouble() : share(session));
        String chosen = null;
        for (var target : targets) {
            chosen = target.model;
            draw -= target.weight;
            if (draw < 0) {
                break;
            }
        }
        return chosen;
    }

    /** Returns a number from 0 to below 1 that looks random and is always the same for a text. */
    private static double share(String text) {
        long mixed = text.hashCode() * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return (mixed >>> 11) * 0x1p-53;
    }
}
