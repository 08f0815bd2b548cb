package dev.warmgate.router.tenancy;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.Classification.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides whose a request is and how important.
 *
 * <ol>
 *   <li><b>Tenant</b>: that of the API key, from {@code Authorization: Bearer} or else {@code x-api-key}; without a known
 *       key the tenant {@code default}, or a refusal where keys are required.
 *   <li><b>Objective</b>: the one that the header names, else the one of the body's {@code service_tier}, else what the
 *       first matching rule says, else the tenant's, else priority 0 without targets.
 *   <li><b>Priority</b>: that of the objective; {@code x-warmgate-priority} replaces it; without that header the body's
 *       {@code priority}, where it counts, is subtracted from it, since vLLM serves lower ones first and 0 is its "as
 *       usual".
 *   <li><b>Grant</b>: what a header asks for above the tenant's grant is refused, since the caller should know; what a
 *       tier, a rule or a body comes to is lowered to the grant, as they are written for many callers.
 *   <li><b>Targets</b>: the caller's replace the objective's; of two deadlines the sooner counts.
 *   <li><b>Flow</b>: the tenant's, or one for each fairness id where callers may name them.
 * </ol>
 *
 * <p>Takes a few map lookups, and one SHA-256 where there are keys. Immutable; any thread.
 */
public final class Tenancy {
    /** Longest fairness id, in characters; each flow that waits holds one. */
    public static final int LONGEST_FAIRNESS_ID = 256;

    private static final int LONGEST_NAME = 1000;
    private static final String BEARER = "bearer ";

    private final TenancySettings settings;
    private final Tenant defaultTenant;
    private final Map<ApiKey, Tenant> byKey;
    private final Map<String, Objective> objectives;

    /** Creates the decision of a configuration. */
    public Tenancy(TenancySettings settings) {
        this.settings = settings;
        defaultTenant = settings.defaultTenant();
        var keys = new HashMap<ApiKey, Tenant>();
        settings.tenants().forEach(tenant -> tenant.keys().forEach(key -> keys.put(key, tenant)));
        byKey = Map.copyOf(keys);
        objectives = settings.objectives().stream()
                .collect(Collectors.toUnmodifiableMap(Objective::name, Function.identity()));
    }

    /** Returns the standing of a request, or the reason to refuse it. */
    public Classification classify(RequestFacts facts) {
        try {
            var tenant = tenant(facts);
            if (!tenant.mayUse(facts.model())) {
                throw notAllowed(facts.model());
            }
            return new Known(standing(facts, tenant), tenant);
        } catch (Refusal e) {
            return e.refused();
        }
    }

    /** Returns whether some caller has an API key of its own, so that keys are this gateway's business. */
    public boolean hasKeys() {
        return !byKey.isEmpty();
    }

    /** Returns the names of all tenants, the only ones that standings can have. */
    public Set<String> tenants() {
        var names = new TreeSet<String>();
        settings.tenants().forEach(tenant -> names.add(tenant.name()));
        names.add(defaultTenant.name());
        return names;
    }

    private Tenant tenant(RequestFacts facts) throws Refusal {
        if (byKey.isEmpty()) {
            return defaultTenant;
        }
        String bearer = bearer(facts.header(ControlHeaders.AUTHORIZATION));
        String apiKey = facts.header(ControlHeaders.API_KEY);
        var tenant = byKey(bearer);
        if (tenant == null) {
            tenant = byKey(apiKey);
        }
        if (tenant != null) {
            return tenant;
        }
        if (!settings.requireKey()) {
            return defaultTenant;
        }
        if (bearer == null && (apiKey == null || apiKey.isBlank())) {
            throw new Refusal(
                    Reason.MISSING_KEY,
                    "An API key is required: send it as \"Authorization: Bearer KEY\" or \"x-api-key: KEY\".");
        }
        throw new Refusal(Reason.UNKNOWN_KEY, "The API key is not known here: check that it is whole and still valid.");
    }

    private @Nullable Tenant byKey(@Nullable String presented) {
        var key = presented == null ? null : ApiKey.presented(HeaderValues.trim(presented));
        return key == null ? null : byKey.get(key);
    }

    /** Returns what is behind {@code Bearer}, in whatever case it is written, or null. */
    private static @Nullable String bearer(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        String key = HeaderValues.trim(authorization.substring(BEARER.length()));
        return key.isEmpty() ? null : key;
    }

    private static Refusal notAllowed(@Nullable String model) {
        return new Refusal(
                Reason.MODEL_NOT_ALLOWED,
                model == null
                        ? "This API key may use certain models only, and which one this request is for is not known."
                        : "This API key may not use the model " + HeaderValues.quote(model) + ".");
    }

    private Standing standing(RequestFacts facts, Tenant tenant) throws Refusal {
        var objective = named(facts, tenant);
        int priority = 0;
        if (objective == null) {
            objective = objective(
                    facts.serviceTier() == null ? null : settings.serviceTiers().get(facts.serviceTier()));
        }
        if (objective == null) {
            var rule = rule(facts);
            if (rule != null && rule.priority() != null) {
                priority = rule.priority();
            } else {
                objective = objective(rule == null ? tenant.objective() : rule.objective());
            }
        }
        if (objective != null) {
            priority = objective.priority();
        }
        String fairnessId = tenant.fairnessIds()
                ? HeaderValues.text(
                        facts, ControlHeaders.FAIRNESS_ID, ControlHeaders.FAIRNESS_ID_ALIAS, LONGEST_FAIRNESS_ID)
                : null;
        double ttft = seconds(objective == null ? null : objective.ttft());
        double tpot = seconds(objective == null ? null : objective.tpot());
        double deadline = seconds(objective == null ? null : objective.deadline());
        return new Standing(
                priority(facts, tenant, Math.min(priority, tenant.maxPriority())),
                tenant.name(),
                fairnessId == null ? tenant.name() : tenant.name() + "/" + fairnessId,
                tenant.weight(),
                HeaderValues.target(facts, ControlHeaders.TTFT_MS, ControlHeaders.TTFT_MS_ALIAS, ttft),
                HeaderValues.target(facts, ControlHeaders.TPOT_MS, ControlHeaders.TPOT_MS_ALIAS, tpot),
                Math.min(deadline, HeaderValues.timeout(facts, ControlHeaders.TIMEOUT_MS)));
    }

    /** Returns the objective that the request's header names, or null. */
    private @Nullable Objective named(RequestFacts facts, Tenant tenant) throws Refusal {
        String name = HeaderValues.text(facts, ControlHeaders.OBJECTIVE, ControlHeaders.OBJECTIVE_ALIAS, LONGEST_NAME);
        if (name == null) {
            return null;
        }
        var objective = objectives.get(name);
        if (objective == null) {
            return switch (settings.unknownObjective()) {
                case DEFAULT -> null;
                case REJECT ->
                    throw new Refusal(
                            Reason.UNKNOWN_OBJECTIVE,
                            "objective: " + HeaderValues.quote(name)
                                    + " (expected: the name of one that is configured)");
            };
        }
        if (objective.priority() > tenant.maxPriority()) {
            throw notGranted(
                    "objective: " + HeaderValues.quote(name) + " has priority " + objective.priority(), tenant);
        }
        return objective;
    }

    private @Nullable Objective objective(@Nullable String name) {
        return name == null ? null : objectives.get(name);
    }

    private @Nullable Rule rule(RequestFacts facts) {
        for (var rule : settings.rules()) {
            if (rule.matches(facts)) {
                return rule;
            }
        }
        return null;
    }

    private static int priority(RequestFacts facts, Tenant tenant, int granted) throws Refusal {
        var asked = HeaderValues.priority(facts, ControlHeaders.PRIORITY);
        if (asked != null) {
            if (asked > tenant.maxPriority()) {
                throw notGranted(ControlHeaders.PRIORITY + ": " + asked, tenant);
            }
            return asked;
        }
        if (!tenant.bodyPriority()) {
            return granted;
        }
        return Math.clamp((long) granted - facts.bodyPriority(), Standing.LOWEST_PRIORITY, tenant.maxPriority());
    }

    private static Refusal notGranted(String what, Tenant tenant) {
        return new Refusal(
                Reason.PRIORITY_NOT_GRANTED,
                what + " (expected: at most " + tenant.maxPriority() + " for this caller)");
    }

    private static double seconds(@Nullable Duration target) {
        return target == null ? Standing.NONE : target.toNanos() / 1e9;
    }
}
