package dev.warmgate.twin.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.report.Distribution;
import dev.warmgate.twin.report.Figures;
import dev.warmgate.twin.report.Sweep;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class KneeSearchTest {
    /** Load at time scale 1. */
    private static final double LOAD = 10;

    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void findsTheLargestLoadToTwoPercent() {
        for (double knee : new double[] {4, 9.99, 10, 17.3, 48}) {
            var found = search(load -> load <= knee ? 1 : 0.9).knee();
            assertThat(found).isNotNull();
            assertThat(found.load()).isLessThanOrEqualTo(knee).isGreaterThan(knee / KneeSearch.CLOSE);
            assertThat(found.timeScale()).isCloseTo(LOAD / found.load(), Percentage.withPercentage(1e-6));
        }
    }

    @Test
    void stopsWhenAPolicyIsOverloadedBeyondDoubt() {
        var points = search(load -> load <= 5 ? 1 : load <= 7 ? 0.8 : 0.1).points();
        assertThat(points.stream().filter(p -> p.figures().sloAttainment() < 0.5))
                .hasSize(2);
        assertThat(points.getLast().load()).isLessThan(9);
    }

    @Test
    void aLoadAboveAFailingOneDoesNotCount() {
        var found = search(load -> load < 6 || (load > 8 && load < 9) ? 1 : 0.7).knee();
        assertThat(found).isNotNull();
        assertThat(found.load()).isLessThan(6);
    }

    @Test
    void goesDownWhenTheFirstRungIsTooMuch() {
        var found = search(load -> load <= 1.1 ? 1 : 0.3).knee();
        assertThat(found).isNotNull();
        assertThat(found.load()).isLessThanOrEqualTo(1.1).isGreaterThan(1.1 / KneeSearch.CLOSE);
    }

    @Test
    void endsWithoutAKneeWhereThereIsNone() {
        var nothing = search(_ -> 0.2);
        assertThat(nothing.knee()).isNull();
        assertThat(runs).hasValueLessThan(40);
        var everything = search(_ -> 1);
        assertThat(everything.unbroken()).isTrue();
        assertThat(everything.points().getLast().load()).isGreaterThan(LOAD * 4.5);
    }

    private Sweep.PolicySweep search(DoubleUnaryOperator attainment) {
        runs.set(0);
        return KneeSearch.search("warm", 1, scale -> {
            runs.incrementAndGet();
            double load = LOAD / scale;
            var some = new Distribution(1, 1, 1, 1);
            double share = attainment.applyAsDouble(load);
            return new Sweep.Point(
                    scale,
                    load,
                    new Figures(
                            "warm",
                            1,
                            1,
                            some,
                            some,
                            some,
                            some,
                            1,
                            share,
                            load * share,
                            1,
                            0,
                            0,
                            1,
                            1,
                            Map.of(),
                            Map.of(),
                            0));
        });
    }
}
