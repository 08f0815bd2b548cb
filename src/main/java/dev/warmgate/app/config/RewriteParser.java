package dev.warmgate.app.config;

import dev.warmgate.door.ModelRewrites;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** Reads the section {@code rewrites}. */
final class RewriteParser {
    private final Problems problems;

    RewriteParser(Problems problems) {
        this.problems = problems;
    }

    ModelRewrites parse(Section top) {
        var rules = new ArrayList<ModelRewrites.Rule>();
        var first = new HashMap<String, String>();
        for (var section : top.sections("rewrites", "rules of keys model and to")) {
            String model = section.find(RewriteKeys.MODEL);
            String twin = first.putIfAbsent(model == null ? "" : model, section.path());
            if (twin != null && (model != null || !section.has(RewriteKeys.MODEL))) {
                problems.add(
                        section.origin(RewriteKeys.MODEL),
                        section.path(RewriteKeys.MODEL),
                        (model == null ? "any model" : Section.quote(model)) + " is also " + twin
                                + " (expected: one rule for each model)");
            }
            rules.add(new ModelRewrites.Rule(model, targets(section)));
        }
        return rules.isEmpty() ? ModelRewrites.NONE : new ModelRewrites(rules);
    }

    private List<ModelRewrites.Target> targets(Section rule) {
        var targets = new ArrayList<ModelRewrites.Target>();
        var sections = rule.sections("to", "models, each of keys model and weight");
        long weighted = sections.stream()
                .filter(section -> section.has(RewriteKeys.WEIGHT))
                .count();
        for (var section : sections) {
            String model = section.require(RewriteKeys.TARGET);
            Double weight = section.find(RewriteKeys.WEIGHT);
            if (weighted > 0 && !section.has(RewriteKeys.WEIGHT)) {
                problems.add(
                        section.origin(),
                        section.path(RewriteKeys.WEIGHT),
                        "missing (expected: a weight, as the others have one)");
            }
            if (model != null) {
                targets.add(new ModelRewrites.Target(model, weight == null ? 1 : weight));
            }
        }
        return targets;
    }
}
