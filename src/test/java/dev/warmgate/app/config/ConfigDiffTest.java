package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a reload changed, in words that name keys and show no secrets. */
class ConfigDiffTest {
    private static final String BEFORE = """
            pools:
              - name: chat
                policy: warm
                endpoints: [http://10.0.0.1:8000, http://10.0.0.2:8000, {url: "http://10.0.0.3:8000", weight: 2}]
            timeouts: {idle: 2m}
            tenants:
              - {name: research, keys: [sk-research-0123456789, "${KEY}"]}
            serviceTiers: {flex: low}
            """;

    @Test
    void anotherLayoutIsNoDifference() {
        assertThat(ConfigDiff.between("x", BEFORE, BEFORE.replace("{idle: 2m}", "\n  idle: 2m # two minutes")))
                .isEmpty();
    }

    @Test
    void anElementTakenOutOfTheMiddleIsOneDifference() {
        assertThat(ConfigDiff.between("x", BEFORE, BEFORE.replace("http://10.0.0.2:8000, ", "")))
                .containsExactly("pools[chat].endpoints[http://10.0.0.2:8000]: http://10.0.0.2:8000 (removed)");
    }

    @Test
    void valuesThatChangeAreShownFromAndTo() {
        var after = BEFORE.replace("policy: warm", "policy: random")
                .replace("weight: 2", "weight: 3")
                .replace("{idle: 2m}", "{idle: 1m, connect: 1s}")
                .replace("flex: low", "flex: high");
        assertThat(ConfigDiff.between("x", BEFORE, after))
                .containsExactly(
                        "pools[chat].policy: warm → random",
                        "pools[chat].endpoints[http://10.0.0.3:8000].weight: 2 → 3",
                        "timeouts.idle: 2m → 1m",
                        "serviceTiers.flex: low → high",
                        "timeouts.connect: 1s (new)");
    }

    @Test
    void secretsAreNotShown() {
        var after =
                BEFORE.replace("sk-research-0123456789", "sk-other-0123456789") + "routing: {promptSecret: hunter22}";
        assertThat(ConfigDiff.between("x", BEFORE, after))
                .containsExactly("tenants[research].keys[0]: changed", "routing.promptSecret: (hidden) (new)");
    }
}
