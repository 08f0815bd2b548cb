package dev.warmgate.router.tenancy;

import static dev.warmgate.router.tenancy.Fixtures.CHAT_KEY;
import static dev.warmgate.router.tenancy.Fixtures.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenancySettingsTest {
    private static Tenant tenant(String name, Set<ApiKey> keys) {
        return new Tenant(name, 1, 0, null, keys, List.of(), false, false);
    }

    private static TenancySettings with(List<Tenant> tenants, List<Objective> objectives, List<Rule> rules) {
        return new TenancySettings(tenants, objectives, rules, Map.of(), UnknownObjective.DEFAULT, false);
    }

    @Test
    void namesAndKeysAreUniqueAndObjectivesExist() {
        assertThatThrownBy(() -> with(List.of(tenant("a", Set.of()), tenant("a", Set.of())), List.of(), List.of()))
                .hasMessage("tenants: a twice (expected: once)");
        assertThatThrownBy(() -> with(
                        List.of(tenant("a", Fixtures.keys(CHAT_KEY)), tenant("b", Fixtures.keys(CHAT_KEY))),
                        List.of(),
                        List.of()))
                .hasMessage("tenants: a key of b is also another's (expected: one tenant for a key)");
        assertThatThrownBy(() -> with(List.of(), List.of(Objective.of("o", 1), Objective.of("o", 2)), List.of()))
                .hasMessage("objectives: [o] (expected: each name once)");
        var rule = new Rule(pattern("m"), null, null, null, "p", null);
        assertThatThrownBy(() -> with(List.of(), List.of(Objective.of("o", 1)), List.of(rule)))
                .hasMessage("objective: p (expected: one of [o])");
        assertThatThrownBy(() -> new TenancySettings(
                        List.of(), List.of(), List.of(), Map.of("flex", "p"), UnknownObjective.DEFAULT, false))
                .hasMessage("objective: p (expected: one of [])");
        var keyless = new TenancySettings(List.of(), List.of(), List.of(), Map.of(), UnknownObjective.DEFAULT, true);
        assertThatThrownBy(() -> new Tenancy(keyless))
                .hasMessage("requireKey: true (expected: a tenant with keys, or tokens)");
    }

    @Test
    void partsAreChecked() {
        assertThatThrownBy(() -> tenant("a/b", Set.of()))
                .hasMessage("name: a/b (expected: not empty, without a slash)");
        assertThatThrownBy(() -> new Tenant("a", 0, 0, null, Set.of(), List.of(), false, false))
                .hasMessage("weight: 0.0 (expected: above 0)");
        assertThatThrownBy(() -> new Tenant("a", 1, 1001, null, Set.of(), List.of(), false, false))
                .hasMessage("maxPriority: 1001 (expected: -1000 to 1000)");
        assertThatThrownBy(() -> Objective.of("o", -1001)).hasMessage("priority: -1001 (expected: -1000 to 1000)");
        assertThatThrownBy(() -> new Objective("o", 0, null, Duration.ZERO, null))
                .hasMessage("tpot: PT0S (expected: above 0, at most 24 h)");
        assertThatThrownBy(() -> new Objective("o", 0, null, null, Duration.ofDays(2)))
                .hasMessage("deadline: PT48H (expected: above 0, at most 24 h)");
        assertThatThrownBy(() -> new Rule(null, null, null, null, "o", null))
                .hasMessage("rule: no condition (expected: model, path or header)");
        assertThatThrownBy(() -> new Rule(pattern("m"), null, null, pattern("v"), "o", null))
                .hasMessage("value: v (expected: only together with header)");
        assertThatThrownBy(() -> new Rule(pattern("m"), null, null, null, "o", 1))
                .hasMessage("rule: expected either objective or priority");
        assertThatThrownBy(() -> new Rule(pattern("m"), null, null, null, null, null))
                .hasMessage("rule: expected either objective or priority");
    }

    @Test
    void patternsAreNamesOrBeginnings() {
        assertThat(pattern("*").matches("")).isTrue();
        assertThat(pattern("a*").matches("a")).isTrue();
        assertThat(pattern("a*").matches("ba")).isFalse();
        assertThat(pattern("a").matches("ab")).isFalse();
        assertThat(TextPattern.parse("a*b")).isNull();
        assertThat(TextPattern.parse("**")).isNull();
        assertThat(TextPattern.parse(" ")).isNull();
    }

    @Test
    void keysAreReadPlainOrAsDigests() {
        // From: printf %s sk-chat-0123456789ab | sha256sum
        String digest = "82572c76556fbdb5816b29ec2bdd693c832c4252f524dea2f24e479b17da6437";
        assertThat(ApiKey.parse("sha256:" + digest)).isEqualTo(ApiKey.parse(CHAT_KEY));
        assertThat(ApiKey.parse("sha256:" + digest.toUpperCase(Locale.ROOT)))
                .isEqualTo(ApiKey.parse(CHAT_KEY))
                .hasToString("(hidden)");
        assertThat(ApiKey.parse("sha256:" + digest.substring(1))).isNull();
        assertThat(ApiKey.parse("sha256:" + "g".repeat(64))).isNull();
        assertThat(ApiKey.parse("fifteen-letters")).isNull();
        assertThat(ApiKey.parse("sixteen-letters!")).isNotNull().isNotEqualTo(ApiKey.parse(CHAT_KEY));
        assertThat(ApiKey.parse("with a space in between")).isNull();
        assertThat(ApiKey.parse("pässwörter-sind-lang")).isNull();
        assertThat(Fixtures.bank(UnknownObjective.DEFAULT, true).toString())
                .doesNotContain(CHAT_KEY)
                .doesNotContain(digest);
    }
}
