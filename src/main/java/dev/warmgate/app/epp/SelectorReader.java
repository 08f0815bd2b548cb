package dev.warmgate.app.epp;

import dev.warmgate.router.profile.LabelSelector;
import dev.warmgate.router.profile.LabelSelector.Operator;
import dev.warmgate.router.profile.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads Kubernetes' label selectors. */
final class SelectorReader {
    private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

    private SelectorReader() {}

    /** Returns the selector that parameters are; meaningless if there are problems afterwards. */
    static LabelSelector read(Parameters parameters) {
        var labels = parameters.textsByName("matchLabels");
        var requirements = new ArrayList<@Nullable Requirement>();
        for (var expression : parameters.objects("matchExpressions")) {
            String key = expression.required("key", "a label");
            String operator = expression.required("operator", "one of " + String.join(", ", OPERATORS));
            var values = expression.texts("values");
            if (operator != null && !OPERATORS.contains(operator)) {
                expression.unexpected("operator", "one of " + String.join(", ", OPERATORS));
            } else if (key != null && operator != null) {
                requirements.add(PluginSet.attempt(
                        expression, () -> new Requirement(key, operator(operator), new HashSet<>(values))));
            }
        }
        return new LabelSelector(labels, PluginSet.made(requirements));
    }

    private static Operator operator(String word) {
        return switch (word) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            default -> Operator.DOES_NOT_EXIST;
        };
    }
}
