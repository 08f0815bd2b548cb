package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Many threads route and settle under one chain: nothing is left over when they stop. */
class ChainStressTest {
    private static final int THREADS = 4;
    private static final int REQUESTS = 2000;

    @Test
    void allThatWasCountedIsGoneInTheEnd() throws Exception {
        var sessions = new SessionAffinity(
                new SessionAffinity.SessionId(
                        List.of(new SessionAffinity.Header("x-session-id")),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(10)),
                "");
        var profile = new SchedulingProfile(
                "default",
                Filter.numbered(sessions),
                List.of(
                        Bench.scorer("tokens", new Scorer.TokenLoad(1_000_000)),
                        Bench.scorer("no-hits", Scorer.NoHitLru.DEFAULT)),
                Picker.MAX_SCORE);
        var load = new InFlightLoad(true, 1.5, InFlightLoad.UNLIMITED);
        var bench = new Bench(
                new ChainSpec("c", List.of(profile), new ProfileHandler.Single(), ApproximatePrefix.DEFAULT, load),
                Bench.unlabelled(6));

        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            Callable<Boolean> task = () -> drive(bench, Thread.currentThread().threadId());
            for (var future : threads.invokeAll(List.of(task, task, task, task))) {
                assertThat(future.get()).isTrue();
            }
        }

        assertThat(bench.pool.openReservations()).isZero();
        var score = bench.explain(Bench.request(PromptBlocks.EMPTY));
        for (var candidate : score.candidates()) {
            assertThat(requireNonNull(candidate.score()).parts().getFirst().score())
                    .as(candidate.endpoint())
                    .isEqualTo(1);
        }
    }

    private static boolean drive(Bench bench, long seed) {
        var random = new SplittableRandom(seed);
        var open = new ArrayDeque<Reservation>();
        for (int n = 0; n < REQUESTS; n++) {
            var request = new InferenceRequest("m", Bench.prompt(random.nextInt(40), 64 * random.nextInt(8)), -1, null)
                    .hinted(Map.of("x-session-id", "s" + random.nextInt(50)));
            if (bench.router.route(request, Set.of()) instanceof RouteResult.Routed(var reservation)) {
                open.add(reservation);
            }
            if (open.size() > 8) {
                open.remove().settle(Usage.UNKNOWN);
            }
        }
        boolean all = open.stream().allMatch(reservation -> reservation.settle(Usage.UNKNOWN));
        return all && open.size() == 8;
    }
}
