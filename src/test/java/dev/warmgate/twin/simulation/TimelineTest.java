package dev.warmgate.twin.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.engine.EngineRequest;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.TokenBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final long SEED = 20_261_125;

    private final ReplicaEngine engine = new ReplicaEngine(Plans.HARDWARE);
    private final Timeline timeline = new Timeline(List.of(engine, new ReplicaEngine(Plans.HARDWARE)));

    @Test
    void timeNeverRunsBackwards() {
        var random = new SplittableRandom(SEED);
        var times = new ArrayList<Long>();
        for (int i = 0; i < 100; i++) {
            plan(random, times, 5);
        }
        timeline.run(() -> false);
        assertThat(times).as("seed %d", SEED).hasSizeGreaterThan(200).isSorted();
    }

    /** Plans something at a time that may have passed, which plans more and gives the engine work. */
    private void plan(SplittableRandom random, List<Long> times, int more) {
        long asked = random.nextLong(1_000_000_000L);
        long earliest = Math.max(asked, timeline.now());
        timeline.at(asked, () -> {
            assertThat(timeline.now()).isEqualTo(earliest);
            times.add(timeline.now());
            if (random.nextBoolean()) {
                engine.submit(request(times), timeline.now());
            }
            if (more > 0) {
                plan(random, times, more - 1);
            }
        });
    }

    private EngineRequest request(List<Long> times) {
        return new EngineRequest(1, new TokenBlocks(new long[6], 100), 97, (_, at) -> {
            assertThat(at).isEqualTo(timeline.now());
            times.add(at);
        });
    }

    @Test
    void whatIsPlannedForOneMomentHappensInTheOrderOfPlanning() {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < 50; i++) {
            int number = i;
            timeline.at(7, () -> order.add(number));
        }
        timeline.run(() -> order.size() == 40);
        assertThat(order).hasSize(40).isSorted();
        assertThat(timeline.now()).isEqualTo(7);
    }

    @Test
    void simultaneousRequestsShareAStep() {
        var times = new ArrayList<Long>();
        timeline.at(5, () -> engine.submit(request(times), 5));
        timeline.at(5, () -> engine.submit(request(times), 5));
        timeline.run(() -> times.size() == 2);
        assertThat(times.get(1)).isEqualTo(times.get(0));
    }
}
