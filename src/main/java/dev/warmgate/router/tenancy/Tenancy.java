package dev.warmgate.router.tenancy;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.Classification.Reason;
import java.time.Duration;
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
 *   <li><b>Tenant</b>: that of the API key or token, from {@code Authorization: Bearer} or else {@code x-api-key}; a token
 *       can narrow what the tenant may do. Without a known key the tenant {@code default}, or a refusal where keys are
 *       required.
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
 * <p>Takes a few map lookups, and one SHA-256 where there are keys or tokens. Immutable; any thread.
 */
public final class Tenancy {
    /** Longest fairness id, in characters; each flow that waits holds one. */
    public static final int LONGEST_FAIRNESS_ID = 256;

    private static final int LONGEST_NAME = 1000;

    private final TenancySettings settings;
    private final Callers callers;
    private final Map<String, Objective> objectives;

    /** Creates the decision of a configuration without tokens. */
    public Tenancy(TenancySettings settings) {
        this(settings, null);
    }

    /**
     * Creates the decision of a configuration.
     *
     * @param tokens what tells what tokens say, or null if nobody presents any
     * @throws IllegalArgumentException if keys are required and there are neither keys nor tokens
     */
    public Tenancy(TenancySettings settings, @Nullable TokenVerifier tokens) {
        this.settings = settings;
        callers = new Callers(settings, tokens);
        objectives = settings.objectives().stream()
                .collect(Collectors.toUnmodifiableMap(Objective::name, Function.identity()));
    }

    /** Returns the standing of a request, or the reason to refuse it. */
    public Classification classify(RequestFacts facts) {
        try {
            var tenant = callers.of(facts);
            if (!tenant.mayUse(facts.model())) {
                throw notAllowed(facts.model());
            }
            return new Known(standing(facts, tenant), tenant);
        } catch (Refusal e) {
            return e.outcome();
        }
    }

    /** Returns whether callers show API keys or tokens of this gateway, which then are none of an engine's business. */
    public boolean hasKeys() {
        return callers.identified();
    }

    /** Returns the names of all tenants, the only ones that standings can have. */
    public Set<String> tenants() {
        var names = new TreeSet<String>();
        settings.tenants().forEach(tenant -> names.add(tenant.name()));
        names.add(settings.defaultTenant().name());
        return names;
    }

    private static Refusal notAllowed(@Nullable String model) {
        return new Refusal(
                Reason.MODEL_NOT_ALLOWED,
                model == null
                        ? "This caller may use certain models only, and which one this request is for is not known."
                        : "This caller may not use the model " + HeaderValues.quote(model) + ".");
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
