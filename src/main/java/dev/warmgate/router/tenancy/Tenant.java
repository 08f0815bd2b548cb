package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.admission.Standing;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Someone whose requests are told apart from those of others.
 *
 * @param name unique; {@link #DEFAULT_NAME} is whoever presents no known key. It holds no slash, so that
 *     {@code name/fairness id} is unique too
 * @param weight share relative to other tenants of the same priority, above 0
 * @param maxPriority the grant: the highest priority that its callers can have, -1000 to 1000
 * @param objective what its requests are without any other word, the name of an objective
 * @param keys the API keys of its callers
 * @param models the models that its callers may use; empty for all
 * @param fairnessIds whether its callers may name flows of their own, as a front end does for its users; these share the
 *     tenant's weight
 * @param bodyPriority whether the body's {@code priority} counts
 */
public record Tenant(
        String name,
        double weight,
        int maxPriority,
        @Nullable String objective,
        Set<ApiKey> keys,
        List<TextPattern> models,
        boolean fairnessIds,
        boolean bodyPriority) {
    /** The name of the tenant of callers without a known key. */
    public static final String DEFAULT_NAME = "default";

    public Tenant {
        requireNonNull(name, "name");
        if (name.isEmpty() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("name: " + name + " (expected: not empty, without a slash)");
        }
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: above 0)");
        }
        Standing.requirePriority("maxPriority", maxPriority);
        keys = Set.copyOf(keys);
        models = List.copyOf(models);
    }

    /** Returns whether its callers may use a model; see {@link RequestFacts#model}. */
    boolean mayUse(@Nullable String model) {
        if (models.isEmpty() || (model != null && model.isEmpty())) {
            return true;
        }
        if (model != null) {
            for (var allowed : models) {
                if (allowed.matches(model)) {
                    return true;
                }
            }
        }
        return false;
    }
}
