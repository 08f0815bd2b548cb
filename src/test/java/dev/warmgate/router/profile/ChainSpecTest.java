package dev.warmgate.router.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.profile.LabelSelector.Operator;
import dev.warmgate.router.profile.LabelSelector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChainSpecTest {
    private static final Map<String, String> LABELS = Map.of("app", "vllm", "zone", "a");

    private static boolean matches(String key, Operator operator, String... values) {
        var requirement = new Requirement(key, operator, Set.of(values));
        return new LabelSelector(Map.of(), List.of(requirement)).matches(LABELS);
    }

    private static SchedulingProfile profile(String name, Scorer scorer) {
        return new SchedulingProfile(
                name, List.of(), List.of(new Scorer.Weighted("scorer", scorer, 1)), Picker.MAX_SCORE);
    }

    private static ChainSpec chain(ProfileHandler handler, SchedulingProfile... profiles) {
        return new ChainSpec("test", List.of(profiles), handler, null, InFlightLoad.DEFAULT);
    }

    @Test
    void anEmptySelectorMatchesEverything() {
        var selector = new LabelSelector(Map.of(), List.of());

        assertThat(selector.matches(Map.of())).isTrue();
        assertThat(selector.matches(LABELS)).isTrue();
    }

    @Test
    void labelsMatchAsKubernetesHasIt() {
        assertThat(new LabelSelector(LABELS, List.of()).matches(LABELS)).isTrue();
        assertThat(new LabelSelector(Map.of("zone", "b"), List.of()).matches(LABELS))
                .isFalse();
        assertThat(matches("zone", Operator.IN, "a", "b")).isTrue();
        assertThat(matches("rack", Operator.IN, "a")).isFalse();
        assertThat(matches("zone", Operator.NOT_IN, "a")).isFalse();
        assertThat(matches("rack", Operator.NOT_IN, "a")).isTrue();
        assertThat(matches("zone", Operator.EXISTS)).isTrue();
        assertThat(matches("rack", Operator.EXISTS)).isFalse();
        assertThat(matches("zone", Operator.DOES_NOT_EXIST)).isFalse();
        assertThat(matches("rack", Operator.DOES_NOT_EXIST)).isTrue();
    }

    @Test
    void onePluginOfANameMayBeInSeveralProfilesAndTwoMayNot() {
        var byHeader = ProfileHandler.ByHeader.DEFAULT;

        assertThat(chain(byHeader, profile("a", new Scorer.LoadAware(5)), profile("b", new Scorer.LoadAware(5)))
                        .profiles())
                .hasSize(2);
        assertThatThrownBy(() ->
                        chain(byHeader, profile("a", new Scorer.LoadAware(5)), profile("b", new Scorer.LoadAware(6))))
                .hasMessage("name: scorer (expected: no two plugins of a name)");
    }

    @Test
    void whatDoesNotFitTogetherIsSaid() {
        var queue = new Scorer.Queue();

        assertThatThrownBy(() -> chain(new ProfileHandler.Single(), profile("a", queue), profile("b", queue)))
                .hasMessage("schedulingProfiles: 2 (expected: one, with single-profile-handler)");
        assertThatThrownBy(() -> chain(ProfileHandler.ByHeader.DEFAULT, profile("a", queue), profile("a", queue)))
                .hasMessage("name: a (expected: no two profiles of a name)");
        assertThatThrownBy(() -> chain(new ProfileHandler.Single()))
                .hasMessage("schedulingProfiles: none (expected: at least one)");
        assertThatThrownBy(() -> new Requirement("zone", Operator.EXISTS, Set.of("a")))
                .hasMessage("values: [a] (expected: none, for this operator)");
        assertThatThrownBy(() -> new Filter.Label("zone", Set.of(), false))
                .hasMessage("validValues: [] (expected: some, or allowsNoLabel: true)");
        assertThatThrownBy(() -> new Scorer.PrefixCache(1.5, 8192))
                .hasMessage("matchLengthWeight: 1.5 (expected: 0 to 1)");
    }
}
