package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Requests that wait for room under a chain of plugins. */
class WaitingTest {
    /** Room for one answer, which is taken for 300 tokens. */
    private static final long ROOM_FOR_ONE = 100;

    private static final Filter IDLE =
            new Filter.Attribute(CoreMetric.WAITING, Filter.Comparison.LESS_THAN, 1, true, false);

    private final List<RouteResult> told = new ArrayList<>();

    private static Bench bench(int endpoints, Filter... filters) {
        var profile = new SchedulingProfile("p", Filter.numbered(filters), List.of(), Picker.MAX_SCORE);
        var spec = new ChainSpec("c", List.of(profile), new ProfileHandler.Single(), null, InFlightLoad.DEFAULT);
        return new Bench(spec, Bench.unlabelled(endpoints), ROOM_FOR_ONE);
    }

    private RouteResult admit(Bench bench) {
        return bench.router.admit(request(PromptBlocks.EMPTY), told::add);
    }

    @Test
    void whoWaitedIsPlacedAnewWhereverThereIsRoom() {
        var bench = bench(2);
        var first = bench.sendTo(0, PromptBlocks.EMPTY);
        var second = bench.sendTo(1, PromptBlocks.EMPTY);
        for (int n = 0; n < 6; n++) {
            assertThat(admit(bench)).isInstanceOf(RouteResult.Queued.class);
        }

        second.settle(Usage.UNKNOWN);
        assertThat(told).hasSize(1);
        first.settle(Usage.UNKNOWN);
        assertThat(told).hasSize(2).allSatisfy(result -> assertThat(result).isInstanceOf(RouteResult.Routed.class));
    }

    @Test
    void whoWaitsGoesOnWaitingWhileFiltersLeaveNobody() {
        var bench = bench(1, IDLE);
        var first = bench.sendTo(0, PromptBlocks.EMPTY);
        assertThat(admit(bench)).isInstanceOf(RouteResult.Queued.class);
        bench.load(0, 0, 5, 0);

        first.settle(Usage.UNKNOWN);
        assertThat(told).isEmpty();
        assertThat(admit(bench))
                .isInstanceOfSatisfying(
                        RouteResult.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RefusalReason.FILTERED));
        bench.load(0, 0, 0, 0);
        bench.now += Duration.ofSeconds(2).toNanos();
        bench.router.tick();

        assertThat(told).hasSize(1).first().isInstanceOf(RouteResult.Routed.class);
        assertThat(bench.endpoint(0).inFlight()).isEqualTo(1);
    }

    @Test
    void aSessionIsBoundByWhatIsBookedAndNotByWhatWasConsidered() {
        var strategy = new SessionAffinity.SessionId(
                List.of(new SessionAffinity.Header("x-session-id")), Duration.ofMinutes(5), Duration.ofSeconds(10));
        var bench = bench(2, new SessionAffinity(strategy, ""));
        var first = bench.sendTo(0, PromptBlocks.EMPTY);
        bench.sendTo(1, PromptBlocks.EMPTY);
        var waiting = request(Map.of("x-session-id", "s"));
        assertThat(bench.router.admit(waiting, told::add)).isInstanceOf(RouteResult.Queued.class);

        first.settle(Usage.UNKNOWN);

        assertThat(told).hasSize(1);
        assertThat(bench.send(waiting).endpoint().name()).isEqualTo("e0");
    }
}
