package dev.warmgate.app.epp;

import java.util.List;

/** Reads the parameters of policies of flow control. What they do is done by {@code admission}, in its own way. */
final class FlowPolicies {
    private FlowPolicies() {}

    static Made make(String type, Parameters p) {
        return switch (type) {
            case "program-aware-fairness" -> {
                p.choice("strategy", List.of("las"));
                p.ignored(
                        "evictionTtlSeconds",
                        "evictionSweepSeconds",
                        "lasWeightService",
                        "lasWeightHeadWait",
                        "lasHalfLifeSeconds");
                yield Made.idle("admission lets the flow go first that received least work; its weights and half-life"
                        + " do not count");
            }
            case "round-robin-fairness-policy" -> {
                p.ignoreAll();
                yield Made.idle("admission shares work, not turns, between tenants and their flows");
            }
            case PluginTypes.STRICT_FAIRNESS -> {
                p.ignoreAll();
                yield Made.idle("admission shares work between tenants and their flows; with one flow it is the same");
            }
            case "edf-ordering-policy", "slo-deadline-ordering-policy" -> {
                p.ignoreAll();
                yield Made.idle("admission lets who can still reach a target go first, and of them who is due first");
            }
            case PluginTypes.FCFS -> {
                p.ignoreAll();
                yield Made.idle(
                        "admission lets shorter prompts go first, and longer ones when they have waited in proportion");
            }
            case PluginTypes.STATIC_LIMIT -> {
                if (p.number("threshold", 1) != 1) {
                    p.unexpected("threshold", "1: what has to stay free for others is admission.bands[].minShare");
                }
                yield Made.idle("admission sends whatever there is room for");
            }
            default -> throw new IllegalStateException(type + " is said to take part, and nobody makes it");
        };
    }
}
