package dev.warmgate.app.config;

import dev.warmgate.app.text.NearestName;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.Objective;
import dev.warmgate.router.tenancy.Rule;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads tenants, objectives and rules. Objectives come first, since everything else names them. Used once; confined to
 * one thread.
 */
final class TenancyParser {
    private final Problems problems;
    private final QuotaParser quotas;
    private final Map<String, Objective> objectives = new LinkedHashMap<>();

    /** Where each name and each key was first used. */
    private final Map<String, String> objectivePaths = new HashMap<>();

    private final Map<String, String> tenantPaths = new HashMap<>();
    private final Map<ApiKey, String> keyPaths = new HashMap<>();

    /** Whether callers may show tokens. */
    private boolean tokens;

    TenancyParser(Problems problems, QuotaParser quotas) {
        this.problems = problems;
        this.quotas = quotas;
    }

    /** Returns the settings; meaningless if there are problems afterwards. */
    TenancySettings parse(Section top) {
        tokens = !top.isEmptyList("jwt");
        top.sections("objectives", "objectives").forEach(this::objective);
        var tenants = tenants(top);
        var rules = rules(top);
        var tiers = serviceTiers(top.section("serviceTiers"));
        var unknown = top.get(TenancyKeys.UNKNOWN_OBJECTIVE);
        Boolean written = top.find(TenancyKeys.REQUIRE_KEY);
        boolean identified = tokens || !keyPaths.isEmpty();
        boolean requireKey = written == null ? identified : written;
        if (requireKey && !identified) {
            problems.add(
                    top.origin(TenancyKeys.REQUIRE_KEY),
                    top.path(TenancyKeys.REQUIRE_KEY),
                    "\"true\" (expected: at least one key among tenants[].keys, or jwt)");
        }
        return problems.any()
                ? TenancySettings.DEFAULT
                : new TenancySettings(tenants, List.copyOf(objectives.values()), rules, tiers, unknown, requireKey);
    }

    private void objective(Section section) {
        String name = section.require(TenancyKeys.OBJECTIVE_NAME);
        int priority = Math.toIntExact(section.get(TenancyKeys.OBJECTIVE_PRIORITY));
        var ttft = section.find(TenancyKeys.OBJECTIVE_TTFT);
        var tpot = section.find(TenancyKeys.OBJECTIVE_TPOT);
        var deadline = section.find(TenancyKeys.OBJECTIVE_DEADLINE);
        if (name == null) {
            return;
        }
        unique(objectivePaths, name, section, TenancyKeys.OBJECTIVE_NAME);
        objectives.putIfAbsent(name, new Objective(name, priority, ttft, tpot, deadline));
    }

    private List<Tenant> tenants(Section top) {
        var tenants = new ArrayList<Tenant>();
        for (var section : top.sections("tenants", "tenants")) {
            var tenant = tenant(section);
            if (tenant != null) {
                tenants.add(tenant);
            }
        }
        return tenants;
    }

    private @Nullable Tenant tenant(Section section) {
        String name = section.require(TenancyKeys.TENANT_NAME);
        var keys = keys(section, name);
        double weight = section.get(TenancyKeys.TENANT_WEIGHT);
        var objective = objective(section, TenancyKeys.TENANT_OBJECTIVE);
        int maxPriority = maxPriority(section, objective);
        var models = section.findAll(TenancyKeys.TENANT_MODEL);
        boolean fairnessIds = section.get(TenancyKeys.TENANT_FAIRNESS_IDS);
        boolean bodyPriority = section.get(TenancyKeys.TENANT_BODY_PRIORITY);
        quotas.tenant(section, name);
        if (name == null) {
            return null;
        }
        unique(tenantPaths, name, section, TenancyKeys.TENANT_NAME);
        return new Tenant(
                name,
                weight,
                maxPriority,
                objective == null ? null : objective.name(),
                keys,
                models,
                fairnessIds,
                bodyPriority);
    }

    private Set<ApiKey> keys(Section section, @Nullable String name) {
        var keys = new LinkedHashSet<ApiKey>();
        for (var found : section.findEach(TenancyKeys.TENANT_KEY)) {
            add(keys, found.value(), found.origin(), found.path());
        }
        var file = section.file(TenancyKeys.TENANT_KEYS_FILE);
        if (file != null) {
            var origin = section.origin(TenancyKeys.TENANT_KEYS_FILE);
            String path = section.path(TenancyKeys.TENANT_KEYS_FILE);
            KeyFile.read(file, origin, path, problems).forEach(key -> add(keys, key, origin, path));
        }
        boolean none = section.isEmptyList("keys") && !section.has(TenancyKeys.TENANT_KEYS_FILE) && !tokens;
        if (none && name != null && !name.equals(Tenant.DEFAULT_NAME)) {
            problems.add(
                    section.origin(),
                    section.below("keys"),
                    "none (expected: at least one, or keysFile, or jwt; only the tenant " + Tenant.DEFAULT_NAME
                            + " has callers without a key)");
        }
        return keys;
    }

    private void add(Set<ApiKey> keys, ApiKey key, Origin origin, String path) {
        String first = keyPaths.putIfAbsent(key, path);
        if (first != null) {
            problems.add(origin, path, "is also " + first + " (expected: each key once)");
        }
        keys.add(key);
    }

    /** Returns the names that tenants have, {@link Tenant#DEFAULT_NAME} among them. */
    Set<String> names() {
        var names = new HashSet<>(tenantPaths.keySet());
        names.add(Tenant.DEFAULT_NAME);
        return names;
    }

    private int maxPriority(Section section, @Nullable Objective objective) {
        int least = objective == null ? 0 : objective.priority();
        Long written = section.find(TenancyKeys.TENANT_MAX_PRIORITY);
        if (written == null) {
            return Math.max(0, least);
        }
        if (objective != null && written < least) {
            problems.add(
                    section.origin(TenancyKeys.TENANT_MAX_PRIORITY),
                    section.path(TenancyKeys.TENANT_MAX_PRIORITY),
                    written + " (expected: at least " + least + ", the priority of its objective " + objective.name()
                            + ")");
        }
        return Math.toIntExact(written);
    }

    private List<Rule> rules(Section top) {
        var rules = new ArrayList<Rule>();
        for (var section : top.sections("rules", "rules")) {
            var rule = rule(section);
            if (rule != null) {
                rules.add(rule);
            }
        }
        return rules;
    }

    private @Nullable Rule rule(Section section) {
        var model = section.find(TenancyKeys.RULE_MODEL);
        var path = section.find(TenancyKeys.RULE_PATH);
        var header = section.find(TenancyKeys.RULE_HEADER);
        var value = section.find(TenancyKeys.RULE_VALUE);
        var objective = objective(section, TenancyKeys.RULE_OBJECTIVE);
        Long priority = section.find(TenancyKeys.RULE_PRIORITY);
        if (!section.written()) {
            return null;
        }
        boolean valid = true;
        if (!section.has(TenancyKeys.RULE_MODEL)
                && !section.has(TenancyKeys.RULE_PATH)
                && !section.has(TenancyKeys.RULE_HEADER)) {
            problems.add(
                    section.origin(),
                    section.path(),
                    "matches every request (expected: at least one of model, path, header)");
            valid = false;
        }
        if (section.has(TenancyKeys.RULE_VALUE) && !section.has(TenancyKeys.RULE_HEADER)) {
            problems.add(
                    section.origin(TenancyKeys.RULE_VALUE),
                    section.path(TenancyKeys.RULE_VALUE),
                    "of which header? (expected: header beside it)");
            valid = false;
        }
        boolean twoEffects = section.has(TenancyKeys.RULE_OBJECTIVE) && section.has(TenancyKeys.RULE_PRIORITY);
        if (twoEffects || (!section.has(TenancyKeys.RULE_OBJECTIVE) && !section.has(TenancyKeys.RULE_PRIORITY))) {
            problems.add(
                    section.origin(),
                    section.path(),
                    (twoEffects ? "both objective and priority" : "no effect") + " (expected: objective or priority)");
            valid = false;
        }
        boolean understood = (model != null || path != null || header != null)
                && (value == null || header != null)
                && (objective == null) != (priority == null);
        return valid && understood
                ? new Rule(
                        model,
                        path,
                        header,
                        value,
                        objective == null ? null : objective.name(),
                        priority == null ? null : Math.toIntExact(priority))
                : null;
    }

    private Map<String, String> serviceTiers(Section section) {
        var tiers = new HashMap<String, String>();
        section.findEntries(TenancyKeys.SERVICE_TIER).forEach((tier, found) -> {
            if (known(found)) {
                tiers.put(tier, found.value());
            }
        });
        return tiers;
    }

    /** Returns the objective that a key names, or null if it names none. */
    private @Nullable Objective objective(Section section, Setting<String> setting) {
        String name = section.find(setting);
        boolean known =
                name != null && known(new Section.Found<>(name, section.origin(setting), section.path(setting)));
        return known ? objectives.get(name) : null;
    }

    private boolean known(Section.Found<String> name) {
        boolean known = objectives.containsKey(name.value());
        if (!known) {
            String nearest = NearestName.of(name.value(), objectives.keySet());
            String hint = nearest != null
                    ? "did you mean " + nearest + "?"
                    : objectives.isEmpty()
                            ? "expected: the name of an objective; there are none under objectives"
                            : "expected one of: " + String.join(", ", objectives.keySet());
            problems.add(name.origin(), name.path(), Section.quote(name.value()) + " is no objective (" + hint + ")");
        }
        return known;
    }

    private void unique(Map<String, String> names, String name, Section section, Setting<String> setting) {
        String first = names.putIfAbsent(name, section.path(setting));
        if (first != null) {
            problems.add(
                    section.origin(setting),
                    section.path(setting),
                    Section.quote(name) + " is also " + first + " (expected: a unique name)");
        }
    }
}
