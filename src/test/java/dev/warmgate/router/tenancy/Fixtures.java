package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A bank: fraud detection, a chat product, batch work, and callers without a key. */
final class Fixtures {
    static final String FRAUD_KEY = "sk-fraud-0123456789";
    static final String CHAT_KEY = "sk-chat-0123456789ab";
    static final String BATCH_KEY = "sk-batch-0123456789a";

    static final Objective FRAUD =
            new Objective("fraud", 100, Duration.ofMillis(250), Duration.ofMillis(20), Duration.ofSeconds(5));
    static final Objective CHAT = new Objective("chat", 10, Duration.ofSeconds(1), null, null);
    static final Objective BATCH = new Objective("batch", -10, null, null, Duration.ofHours(1));

    static final Tenant FRAUD_TENANT = new Tenant("fraud", 1, 100, "fraud", keys(FRAUD_KEY), List.of(), false, false);
    static final Tenant CHAT_TENANT = new Tenant(
            "chat", 4, 10, "chat", keys(CHAT_KEY, "sk-chat-the-other-key"), patterns("qwen3-*", "tiny"), true, true);
    static final Tenant BATCH_TENANT = new Tenant("batch", 1, -10, null, keys(BATCH_KEY), List.of(), false, true);

    static final List<Rule> RULES = List.of(
            new Rule(null, pattern("/v1/embeddings"), null, null, null, -5),
            new Rule(pattern("judge-*"), null, "x-app", pattern("eval*"), "batch", null),
            new Rule(null, null, "x-urgent", null, "fraud", null));

    private Fixtures() {}

    static TenancySettings bank(UnknownObjective unknown, boolean requireKey) {
        return new TenancySettings(
                List.of(FRAUD_TENANT, CHAT_TENANT, BATCH_TENANT),
                List.of(FRAUD, CHAT, BATCH),
                RULES,
                Map.of("flex", "batch", "priority", "fraud"),
                unknown,
                requireKey);
    }

    static Tenancy bank() {
        return new Tenancy(bank(UnknownObjective.DEFAULT, false));
    }

    static Tenancy strictBank() {
        return new Tenancy(bank(UnknownObjective.REJECT, true));
    }

    static Set<ApiKey> keys(String... keys) {
        return Arrays.stream(keys).map(key -> requireNonNull(ApiKey.parse(key))).collect(Collectors.toSet());
    }

    static List<TextPattern> patterns(String... written) {
        return Arrays.stream(written).map(Fixtures::pattern).toList();
    }

    static TextPattern pattern(String written) {
        return requireNonNull(TextPattern.parse(written));
    }

    static Standing standing(Tenancy tenancy, RequestFacts facts) {
        var result = tenancy.classify(facts);
        assertThat(result).isInstanceOf(Known.class);
        return ((Known) result).standing();
    }

    static String refused(Tenancy tenancy, RequestFacts facts, Reason reason) {
        var result = tenancy.classify(facts);
        assertThat(result).isInstanceOf(Refused.class);
        assertThat(((Refused) result).reason()).isEqualTo(reason);
        return ((Refused) result).message();
    }

    /** A standing of the default tenant that differs in its priority only. */
    static Standing anonymous(int priority, @Nullable String fairnessId) {
        return new Standing(
                priority,
                "default",
                fairnessId == null ? "default" : "default/" + fairnessId,
                1,
                Standing.NONE,
                Standing.NONE,
                Standing.NONE);
    }
}
