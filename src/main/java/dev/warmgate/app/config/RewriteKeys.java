package dev.warmgate.app.config;

import java.util.List;

/** The keys of the section {@code rewrites}, in the order of the documentation. */
final class RewriteKeys {
    static final Setting<String> MODEL = Setting.withoutDefault(
            "rewrites[].model",
            ValueTypes.text("a model name"),
            "any model",
            "The model that is asked for. The rule for a model goes before one for any.");
    static final Setting<String> TARGET = Setting.withoutDefault(
            "rewrites[].to[].model",
            ValueTypes.text("a model name"),
            Setting.REQUIRED,
            "A model that is got instead. With no element in `to` such requests are refused.");
    static final Setting<Double> WEIGHT = Setting.withoutDefault(
            "rewrites[].to[].weight",
            ValueTypes.weight(),
            "equal shares",
            "Its share beside the other models of the rule. All of them have one, or none.");

    static final List<Setting<?>> ALL = List.of(MODEL, TARGET, WEIGHT);

    private RewriteKeys() {}
}
