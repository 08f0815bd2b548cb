package dev.warmgate.app.config;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import dev.warmgate.router.tenancy.TextPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The keys that say who a request belongs to and how important it is, in the order of the documentation. */
final class TenancyKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final String NO_TARGET = "none";
    private static final ValueType<Long> PRIORITY =
            ValueTypes.integer(Standing.LOWEST_PRIORITY, Standing.HIGHEST_PRIORITY);
    private static final ValueType<Duration> TARGET = ValueTypes.duration(Duration.ofMillis(1), Duration.ofHours(24));

    static final Setting<String> TENANT_NAME = add(Setting.withoutDefault(
            "tenants[].name",
            ValueTypes.label(),
            Setting.REQUIRED,
            "Unique; shown in metrics and logs. `default` is whoever presents no known key, nor a token that names a"
                    + " tenant."));
    static final Setting<ApiKey> TENANT_KEY = add(Setting.withoutDefault(
            "tenants[].keys[]",
            ValueTypes.apiKey(),
            "none, for `default` or with `jwt`",
            "API keys of its callers: `sha256:` and the digest, or the key itself from the environment."));
    static final Setting<Path> TENANT_KEYS_FILE = add(Setting.withoutDefault(
            "tenants[].keysFile",
            ValueTypes.path(),
            "none",
            "A file with more of them, one a line, such as a mounted secret; lines that begin with `#` do not count."));
    static final Setting<Double> TENANT_WEIGHT = add(Setting.of(
            "tenants[].weight", ValueTypes.weight(), 1.0, "Share relative to other tenants of the same priority."));
    static final Setting<Long> TENANT_MAX_PRIORITY = add(Setting.withoutDefault(
            "tenants[].maxPriority",
            PRIORITY,
            "that of `objective`, at least 0",
            "The grant: no caller of the tenant gets a higher priority."));
    static final Setting<String> TENANT_OBJECTIVE = add(Setting.withoutDefault(
            "tenants[].objective",
            ValueTypes.label(),
            "none: priority 0",
            "What its requests are without any other word: the name of an objective."));
    static final Setting<TextPattern> TENANT_MODEL = add(Setting.withoutDefault(
            "tenants[].models[]",
            ValueTypes.pattern(),
            "all",
            "The models that its callers may use; a `*` at the end stands for anything."));
    static final Setting<Boolean> TENANT_FAIRNESS_IDS = add(Setting.of(
            "tenants[].fairnessIds",
            ValueTypes.bool(),
            false,
            "Whether its callers may name flows by header. They share the tenant's weight."));
    static final Setting<Boolean> TENANT_BODY_PRIORITY = add(Setting.of(
            "tenants[].bodyPriority",
            ValueTypes.bool(),
            false,
            "Whether the body's `priority`, lower first as in vLLM, is subtracted from the priority."));

    static final Setting<String> OBJECTIVE_NAME = add(Setting.withoutDefault(
            "objectives[].name", ValueTypes.label(), Setting.REQUIRED, "Unique; callers name it by header."));
    static final Setting<Long> OBJECTIVE_PRIORITY = add(Setting.of(
            "objectives[].priority", PRIORITY, 0L, "Higher goes first; negative is shed first when there is no room."));
    static final Setting<Duration> OBJECTIVE_TTFT = add(
            Setting.withoutDefault("objectives[].ttft", TARGET, NO_TARGET, "Target for the time to the first token."));
    static final Setting<Duration> OBJECTIVE_TPOT = add(
            Setting.withoutDefault("objectives[].tpot", TARGET, NO_TARGET, "Target for the time per output token."));
    static final Setting<Duration> OBJECTIVE_DEADLINE = add(Setting.withoutDefault(
            "objectives[].deadline",
            TARGET,
            NO_TARGET,
            "How long after its arrival the whole answer to a request is of use."));

    static final Setting<TextPattern> RULE_MODEL = add(Setting.withoutDefault(
            "rules[].model",
            ValueTypes.pattern(),
            "any",
            "The model asked for. All conditions of a rule must hold; the first rule that matches counts."));
    static final Setting<TextPattern> RULE_PATH = add(
            Setting.withoutDefault("rules[].path", ValueTypes.pattern(), "any", "The request's path, without query."));
    static final Setting<String> RULE_HEADER = add(Setting.withoutDefault(
            "rules[].header", ValueTypes.headerName(), "any", "The name of a header that the request must have."));
    static final Setting<TextPattern> RULE_VALUE =
            add(Setting.withoutDefault("rules[].value", ValueTypes.pattern(), "any", "The value of that header."));
    static final Setting<String> RULE_OBJECTIVE = add(Setting.withoutDefault(
            "rules[].objective",
            ValueTypes.label(),
            "none",
            "What matching requests are: the name of an objective. Either this or `priority`."));
    static final Setting<Long> RULE_PRIORITY = add(Setting.withoutDefault(
            "rules[].priority", PRIORITY, "none", "What matching requests are: a priority without targets."));

    static final Setting<String> SERVICE_TIER = add(Setting.withoutDefault(
            "serviceTiers.*",
            ValueTypes.label(),
            "no effect",
            "For a value of the body's `service_tier`, such as `flex`: the name of an objective."));
    static final Setting<UnknownObjective> UNKNOWN_OBJECTIVE = add(Setting.of(
            "unknownObjective",
            ValueTypes.choice(
                    List.of(UnknownObjective.values()), value -> value.name().toLowerCase(Locale.ROOT)),
            TenancySettings.DEFAULT.unknownObjective(),
            "A request whose header names an objective that there is not: goes on as if it named none, or is answered"
                    + " 400."));
    static final Setting<Boolean> REQUIRE_KEY = add(Setting.withoutDefault(
            "requireKey",
            ValueTypes.bool(),
            "`true` if there are keys or `jwt`",
            "Whether callers without a known key or token are answered 401; otherwise they are the tenant `default`."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private TenancyKeys() {}

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
