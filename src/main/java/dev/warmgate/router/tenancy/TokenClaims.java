package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.admission.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a signed token says about its caller. It can narrow what the tenant may do, never widen it.
 *
 * @param tenant the name of a configured tenant
 * @param models the models that it may use; null if it does not say
 * @param maxPriority the highest priority that it may have, -1000 to 1000; null if it does not say
 * @param objective what its requests are without any other word, the name of an objective; null if it does not say
 */
public record TokenClaims(
        String tenant,
        @Nullable List<TextPattern> models,
        @Nullable Integer maxPriority,
        @Nullable String objective) {
    public TokenClaims {
        requireNonNull(tenant, "tenant");
        models = models == null ? null : List.copyOf(models);
        if (maxPriority != null) {
            Standing.requirePriority("maxPriority", maxPriority);
        }
    }

    /** Returns what is left of a tenant, or null if that is no model at all. */
    @Nullable
    Tenant narrow(Tenant whole) {
        var left = models == null ? whole.models() : both(whole.models(), models);
        if (models != null && left.isEmpty()) {
            return null;
        }
        return new Tenant(
                whole.name(),
                whole.weight(),
                maxPriority == null ? whole.maxPriority() : Math.min(maxPriority, whole.maxPriority()),
                objective == null ? whole.objective() : objective,
                Set.of(),
                left,
                whole.fairnessIds(),
                whole.bodyPriority());
    }

    /** Returns patterns of what both lists allow; an empty tenant's list allows all. */
    private static List<TextPattern> both(List<TextPattern> tenants, List<TextPattern> tokens) {
        if (tenants.isEmpty()) {
            return tokens;
        }
        var both = new ArrayList<TextPattern>();
        for (var tenant : tenants) {
            for (var token : tokens) {
                var common = tenant.and(token);
                if (common != null && !both.contains(common)) {
                    both.add(common);
                }
            }
        }
        return both;
    }
}
