package dev.warmgate.twin.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {
    private static final double FLOOR = 0.01;

    @Test
    void beginsAtZeroWhileTheLowValuesCanBeSeen() {
        var axis = holding(line(0.5, 0.9), line(3, 42));
        assertThat(axis.logarithmic()).isFalse();
        assertThat(axis.ticks()).containsExactly(0.0, 10.0, 20.0, 30.0, 40.0, 50.0);
        assertThat(axis.position(25)).isEqualTo(0.5);
    }

    @Test
    void isLogarithmicWhereTheyCouldNot() {
        var axis = holding(line(0.4, 0.9), line(3, 300));
        assertThat(axis.logarithmic()).isTrue();
        assertThat(axis.ticks()).containsExactly(0.1, 1.0, 10.0, 100.0, 1000.0);
        assertThat(axis.position(10)).isEqualTo(0.5);
    }

    @Test
    void valuesBelowTheFloorCountAsTheFloor() {
        assertThat(holding(line(0, 0.9)).logarithmic()).isFalse();
        var axis = holding(line(0, 2));
        assertThat(axis.logarithmic()).isTrue();
        assertThat(axis.min()).isEqualTo(FLOOR);
        assertThat(axis.position(0)).isZero();
    }

    @Test
    void ofNothingItIsARangeAllTheSame() {
        assertThat(holding().max()).isEqualTo(1);
        assertThat(holding(line()).max()).isEqualTo(1);
        assertThat(holding(line(0, 0)).max()).isEqualTo(1);
    }

    private static Axis holding(Series... lines) {
        return Axis.holding(List.of(lines), FLOOR, "", Format::secondsShort);
    }

    private static Series line(double... values) {
        return new Series(
                "line",
                Arrays.stream(values).mapToObj(y -> new Series.Point(0, y)).toList());
    }
}
