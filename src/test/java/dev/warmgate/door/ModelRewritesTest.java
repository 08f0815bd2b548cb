package dev.warmgate.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.door.ModelRewrites.Rule;
import dev.warmgate.door.ModelRewrites.Target;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which model a request gets. */
class ModelRewritesTest {
    private static Rule rule(String model, String... targets) {
        return new Rule(
                model,
                List.of(targets).stream().map(name -> new Target(name, 1)).toList());
    }

    @Test
    void theRuleForAModelGoesBeforeOneForAnyAndTheFirstBeforeOthers() {
        var rules = new ModelRewrites(List.of(
                new Rule(null, List.of(new Target("rest", 1))),
                rule("a", "first"),
                rule("a", "second"),
                rule("b", "a")));
        assertThat(rules.target("a", null)).isEqualTo("first");
        assertThat(rules.target("b", null)).as("not led on").isEqualTo("a");
        assertThat(rules.target("c", null)).isEqualTo("rest");
        assertThat(rules.applyTo("c")).isTrue();
    }

    @Test
    void withoutARuleTheModelStays() {
        assertThat(ModelRewrites.NONE.target("a", "s")).isEqualTo("a");
        assertThat(ModelRewrites.NONE.applyTo("a")).isFalse();
        assertThat(new ModelRewrites(List.of(rule("a"))).target("a", null)).isNull();
    }

    @Test
    void sharesFollowWeightsAndAConversationStays() {
        var rules = new ModelRewrites(List.of(new Rule("a", List.of(new Target("new", 1), new Target("old", 3)))));
        var drawn = new HashMap<String, Integer>();
        var told = new HashMap<String, Integer>();
        int requests = 4000;
        for (int i = 0; i < requests; i++) {
            drawn.merge(String.valueOf(rules.target("a", null)), 1, Integer::sum);
            String session = "session-" + i;
            String target = String.valueOf(rules.target("a", session));
            told.merge(target, 1, Integer::sum);
            assertThat(rules.target("a", session)).isEqualTo(target);
        }
        // Five standard deviations.
        assertThat(drawn.get("new")).isCloseTo(requests / 4, within(140));
        assertThat(told.get("new")).isCloseTo(requests / 4, within(140));
    }
}
