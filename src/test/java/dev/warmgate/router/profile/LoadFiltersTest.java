package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.profile.ConcurrencyDetector.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadFiltersTest {
    private static final InferenceRequest ANY = request(PromptBlocks.EMPTY);

    private static Bench bench(int endpoints, Filter filter) {
        return Bench.of(endpoints, Filter.numbered(filter));
    }

    @Test
    void anAttributeIsComparedAndWhatIsNotKnownPassesOrFails() {
        var least = new Filter.Attribute(CoreMetric.WAITING, Filter.Comparison.LESS_THAN_OR_EQUAL, 5, true, false);
        var bench = bench(3, least);
        bench.load(0, 0, 5, 0);
        bench.load(1, 0, 6, 0);
        assertThat(bench.left(ANY)).containsExactly("e0", "e2");

        var strict =
                bench(3, new Filter.Attribute(CoreMetric.WAITING, Filter.Comparison.GREATER_THAN, 5, false, false));
        strict.load(0, 0, 5, 0);
        strict.load(1, 0, 6, 0);
        assertThat(strict.left(ANY)).containsExactly("e1");
        strict.load(1, 0, 5, 0);
        assertThat(strict.left(ANY)).isEmpty();

        var open = bench(2, new Filter.Attribute(CoreMetric.KV_USAGE, Filter.Comparison.EQUAL, 1, false, true));
        assertThat(open.left(ANY)).containsExactly("e0", "e1");
    }

    @Test
    void comparisonsAreWhatTheirNamesSay() {
        assertThat(Filter.Comparison.LESS_THAN.holds(1, 1)).isFalse();
        assertThat(Filter.Comparison.GREATER_THAN_OR_EQUAL.holds(1, 1)).isTrue();
        assertThat(Filter.Comparison.NOT_EQUAL.holds(1, 1)).isFalse();
        assertThat(Filter.Comparison.NOT_EQUAL.holds(1, 2)).isTrue();
    }

    @Test
    void utilizationDropsWhatIsAboveAnyLimit() {
        var conditions = List.of(
                new Filter.Condition(Filter.LoadMetric.WAITING_QUEUE, 4),
                new Filter.Condition(Filter.LoadMetric.KV_CACHE_UTILIZATION, 0.9),
                new Filter.Condition(Filter.LoadMetric.ACTIVE_REQUESTS, 1));
        var bench = bench(4, new Filter.Utilization(conditions, false));
        bench.load(0, 100, 4, 0.9);
        bench.load(1, 0, 5, 0);
        bench.load(2, 0, 0, 0.91);
        assertThat(bench.left(ANY)).containsExactly("e0", "e3");

        bench.sendTo(3, PromptBlocks.EMPTY);
        bench.sendTo(3, PromptBlocks.EMPTY);
        assertThat(bench.left(ANY)).containsExactly("e0");
        bench.load(0, 0, 5, 0);
        assertThat(bench.left(ANY)).isEmpty();

        var open = bench(2, new Filter.Utilization(conditions, true));
        open.load(0, 0, 9, 0);
        open.load(1, 0, 9, 0);
        assertThat(open.left(ANY)).containsExactly("e0", "e1");
    }

    @Test
    void theUtilizationDetectorLeavesFreshOnesThatAreNotFullOrAll() {
        var bench = bench(4, new UtilizationDetector(5, 0.8, Duration.ofMillis(200), 0.2));
        assertThat(bench.left(ANY)).hasSize(4);
        bench.load(0, 0, 5, 0.95);
        bench.load(1, 0, 6, 0);
        bench.load(2, 0, 0, 0.97);
        bench.load(3, 0, 5, 0.8);
        assertThat(bench.left(ANY)).containsExactly("e0", "e3");

        bench.now += Duration.ofMillis(150).toNanos();
        bench.load(0, 0, 0, 0);
        bench.now += Duration.ofMillis(100).toNanos();
        assertThat(bench.left(ANY)).containsExactly("e0");
        bench.now += Duration.ofSeconds(1).toNanos();
        assertThat(bench.left(ANY)).hasSize(4);
    }

    @Test
    void theConcurrencyDetectorMayLeaveNobody() {
        var bench = bench(2, new ConcurrencyDetector(2, 0.5, Mode.REQUESTS, 1_000_000));
        for (int n = 0; n < 3; n++) {
            bench.sendTo(0, PromptBlocks.EMPTY);
        }
        assertThat(bench.left(ANY)).containsExactly("e1");
        for (int n = 0; n < 3; n++) {
            bench.sendTo(1, PromptBlocks.EMPTY);
        }
        assertThat(bench.left(ANY)).isEmpty();
    }

    @Test
    void concurrencyIsCountedInTokensToo() {
        var tokens = bench(2, new ConcurrencyDetector(1, 0, Mode.TOKENS, 640));
        var first = tokens.sendTo(0, Bench.prompt(1, 640));
        assertThat(tokens.left(ANY)).containsExactly("e1");
        first.firstToken();
        assertThat(tokens.left(ANY)).containsExactly("e0", "e1");

        var both = bench(2, new ConcurrencyDetector(1, 0, Mode.HYBRID, 640));
        both.sendTo(0, PromptBlocks.EMPTY);
        assertThat(both.left(ANY)).containsExactly("e1");
    }
}
