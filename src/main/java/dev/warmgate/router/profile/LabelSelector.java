package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Kubernetes' selector of labels: all of it must match, an empty one matches everything.
 *
 * @param matchLabels values that labels must have
 * @param matchExpressions what else is asked of labels
 */
public record LabelSelector(Map<String, String> matchLabels, List<Requirement> matchExpressions) {
    public LabelSelector {
        matchLabels = Map.copyOf(matchLabels);
        matchExpressions = List.copyOf(matchExpressions);
    }

    /** How a label's value is compared. */
    public enum Operator {
        IN,
        /** Also where there is no such label. */
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST
    }

    /**
     * What is asked of one label.
     *
     * @param values at least one for {@code In} and {@code NotIn}, none for the others
     */
    public record Requirement(String key, Operator operator, Set<String> values) {
        public Requirement {
            Require.named(key, "key");
            requireNonNull(operator, "operator");
            values = Set.copyOf(values);
            boolean compares = operator == Operator.IN || operator == Operator.NOT_IN;
            Require.that(
                    compares != values.isEmpty(),
                    "values",
                    values,
                    compares ? "at least one, for this operator" : "none, for this operator");
        }

        boolean matches(Map<String, String> labels) {
            var value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
            };
        }
    }

    /** Returns whether an endpoint with these labels is meant. */
    public boolean matches(Map<String, String> labels) {
        for (var wanted : matchLabels.entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return false;
            }
        }
        for (var requirement : matchExpressions) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }
}
