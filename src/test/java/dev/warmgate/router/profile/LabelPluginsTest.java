package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static dev.warmgate.router.profile.Bench.scorer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Fleet;
import dev.warmgate.router.Role;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LabelPluginsTest {
    private static final String ROLE = "llm-d.ai/role";

    private static Bench bench(Filter filter, List<Map<String, String>> labels) {
        return new Bench(Bench.chain(Filter.numbered(filter)), labels);
    }

    private static List<String> left(Filter filter, List<Map<String, String>> labels) {
        return bench(filter, labels).left(request(PromptBlocks.EMPTY));
    }

    private static List<Map<String, String>> values(String key, String... values) {
        return Arrays.stream(values)
                .map(value -> value.isEmpty() ? Map.<String, String>of() : Map.of(key, value))
                .toList();
    }

    @Test
    void aSelectorLeavesThoseThatItMatches() {
        var labels = List.of(Map.of("zone", "a", "gpu", "h100"), Map.of("zone", "b"), Map.<String, String>of());
        var zone = new LabelSelector.Requirement("zone", LabelSelector.Operator.NOT_IN, Set.of("b"));

        assertThat(left(new Filter.Labels(new LabelSelector(Map.of("zone", "a"), List.of())), labels))
                .containsExactly("e0");
        assertThat(left(new Filter.Labels(new LabelSelector(Map.of(), List.of(zone))), labels))
                .containsExactly("e0", "e2");
    }

    @Test
    void oneLabelMayHaveSomeValuesOrBeMissing() {
        var labels = values("tier", "gold", "tin", "");

        assertThat(left(new Filter.Label("tier", Set.of("gold"), false), labels))
                .containsExactly("e0");
        assertThat(left(new Filter.Label("tier", Set.of("gold"), true), labels)).containsExactly("e0", "e2");
        assertThat(left(new Filter.Label("tier", Set.of(), true), labels)).containsExactly("e2");
    }

    @Test
    void rolesDecodeUnlessTheySayOtherwise() {
        var labels = values(ROLE, "decode", "prefill", "encode", "prefill-decode", "encode-prefill", "both", "odd", "");

        assertThat(left(Filter.Stage.DECODE, labels)).containsExactly("e0", "e3", "e5", "e7");
        assertThat(left(Filter.Stage.PREFILL, labels)).containsExactly("e1", "e3", "e4", "e5");
        assertThat(left(Filter.Stage.ENCODE, labels)).containsExactly("e2", "e4");
    }

    @Test
    void aConfiguredRoleCountsBeforeItsLabel() {
        var fleet = new Fleet(
                3, new PluginChain(Bench.chain(Filter.numbered(Filter.Stage.PREFILL))), Role.PREFILL, Role.DECODE);

        // Nobody else would ask one that only prefills.
        for (int n = 0; n < 5; n++) {
            assertThat(fleet.send(request(PromptBlocks.EMPTY)).endpoint().name())
                    .isEqualTo("e0");
        }
    }

    @Test
    void aHeaderNamesEndpointsAndWithoutItNobodyIsLeft() {
        var bench = bench(Filter.NamedByHeader.TEST_SELECTION, Bench.unlabelled(3));
        var header = "test-epp-endpoint-selection";

        assertThat(bench.router.hints()).containsExactly(header);
        assertThat(bench.left(request(Map.of(header, "10.0.0.3, 10.0.0.1:8000"))))
                .containsExactly("e0", "e2");
        assertThat(bench.left(request(Map.of(header, "10.0.0.9")))).isEmpty();
        assertThat(bench.left(request(Map.of(header, " ")))).isEmpty();
        assertThat(bench.left(request(PromptBlocks.EMPTY))).isEmpty();
    }

    @Test
    void aLabelWithAHeadersValueScores() {
        var bench = new Bench(
                Bench.chain(List.of(), scorer("s", new Scorer.HeaderLabel("X-Region", "region"))),
                values("region", "eu", "us", ""));

        assertThat(bench.router.hints()).containsExactly("x-region");
        assertThat(bench.totals(request(Map.of("x-region", "us")))).isEqualTo(Map.of("e0", 0.0, "e1", 1.0, "e2", 0.0));
        assertThat(bench.totals(request(Map.of()))).isEqualTo(Map.of("e0", 0.0, "e1", 0.0, "e2", 0.0));
    }

    @Test
    void lengthsOfPromptsAreRatedByTheRangeOfALabel() {
        var labels =
                values(ContextLength.DEFAULT_LABEL, "0-8192", "0-131072", "8192-131072", "", "64-64", "x-9", "9-1");
        var bench = new Bench(
                Bench.chain(List.of(), scorer("s", new ContextLength(ContextLength.DEFAULT_LABEL, false))), labels);

        // The length is what the prompt is estimated at.
        near(bench.totals(request(new PromptBlocks(new long[] {1}, new int[] {1000}))), "e0", 0.753714, "e1", 0.543132);
        near(bench.totals(request(new PromptBlocks(new long[] {2}, new int[] {20_000}))), "e0", 0.023423, "e3", 0.5);
        near(bench.totals(request(new PromptBlocks(new long[] {3}, new int[] {500}))), "e2", 0.034514, "e5", 0);
        near(bench.totals(request(new PromptBlocks(new long[] {4}, new int[] {64}))), "e4", 1, "e6", 0);
    }

    private static void near(
            Map<String, Double> totals, String first, double firstScore, String second, double secondScore) {
        assertThat(totals.get(first)).isCloseTo(firstScore, Offset.offset(1e-6));
        assertThat(totals.get(second)).isCloseTo(secondScore, Offset.offset(1e-6));
    }

    @Test
    void lengthsFilterOnlyIfTheyShall() {
        var labels = values(ContextLength.DEFAULT_LABEL, "0-100", "101-200", "", "bad");
        var prompt = request(new PromptBlocks(new long[] {1}, new int[] {150}));

        assertThat(bench(new ContextLength(ContextLength.DEFAULT_LABEL, true), labels)
                        .left(prompt))
                .containsExactly("e1", "e2");
        assertThat(bench(new ContextLength(ContextLength.DEFAULT_LABEL, false), labels)
                        .left(prompt))
                .hasSize(4);
    }
}
