package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is configured about tenants, objectives and who gets which.
 *
 * @param tenants names are unique, and so are keys
 * @param objectives names are unique
 * @param rules the first that matches counts
 * @param serviceTiers from {@code service_tier} of a body to the name of an objective
 * @param unknownObjective what happens to a request that names an objective that there is not
 * @param requireKey whether callers without a known API key or token are refused
 */
public record TenancySettings(
        List<Tenant> tenants,
        List<Objective> objectives,
        List<Rule> rules,
        Map<String, String> serviceTiers,
        UnknownObjective unknownObjective,
        boolean requireKey) {
    /** What happens to a request that names an objective that there is not. */
    public enum UnknownObjective {
        /** It is treated as if it named none. */
        DEFAULT,
        /** It is refused. */
        REJECT
    }

    /** Everybody is the tenant {@code default}, nobody needs a key, and priorities can only be lowered. */
    public static final TenancySettings DEFAULT =
            new TenancySettings(List.of(), List.of(), List.of(), Map.of(), UnknownObjective.DEFAULT, false);

    public TenancySettings {
        tenants = List.copyOf(tenants);
        objectives = List.copyOf(objectives);
        rules = List.copyOf(rules);
        serviceTiers = Map.copyOf(serviceTiers);
        requireNonNull(unknownObjective, "unknownObjective");
        var names = objectives.stream().map(Objective::name).collect(Collectors.toSet());
        if (names.size() < objectives.size()) {
            throw new IllegalArgumentException("objectives: " + names + " (expected: each name once)");
        }
        var tenantNames = new HashSet<String>();
        var keys = new HashSet<ApiKey>();
        for (var tenant : tenants) {
            if (!tenantNames.add(tenant.name())) {
                throw new IllegalArgumentException("tenants: " + tenant.name() + " twice (expected: once)");
            }
            for (var key : tenant.keys()) {
                if (!keys.add(key)) {
                    throw new IllegalArgumentException("tenants: a key of " + tenant.name()
                            + " is also another's (expected: one tenant for a key)");
                }
            }
            requireKnown(tenant.objective(), names);
        }
        rules.forEach(rule -> requireKnown(rule.objective(), names));
        serviceTiers.values().forEach(objective -> requireKnown(objective, names));
    }

    private static void requireKnown(@Nullable String objective, Set<String> names) {
        if (objective != null && !names.contains(objective)) {
            throw new IllegalArgumentException("objective: " + objective + " (expected: one of " + names + ")");
        }
    }

    /** Returns the priorities that objectives and rules name. */
    public Set<Integer> priorities() {
        var priorities = new HashSet<Integer>();
        objectives.forEach(objective -> priorities.add(objective.priority()));
        for (var rule : rules) {
            if (rule.priority() != null) {
                priorities.add(rule.priority());
            }
        }
        return priorities;
    }

    /**
     * Returns the tenant of callers without a known key: the one of that name, or one without a say. Where there are no
     * tenants at all, nobody is to be kept from anything: then it may name flows, and its grant reaches up to whatever is
     * configured.
     */
    Tenant defaultTenant() {
        for (var tenant : tenants) {
            if (tenant.name().equals(Tenant.DEFAULT_NAME)) {
                return tenant;
            }
        }
        int highest = 0;
        if (tenants.isEmpty()) {
            for (var objective : objectives) {
                highest = Math.max(highest, objective.priority());
            }
            for (var rule : rules) {
                highest = rule.priority() == null ? highest : Math.max(highest, rule.priority());
            }
        }
        return new Tenant(Tenant.DEFAULT_NAME, 1, highest, null, Set.of(), List.of(), tenants.isEmpty(), false);
    }
}
