package dev.warmgate.app.epp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Durations as Go writes them, quantities as Kubernetes does. */
class ValuesTest {
    private static final List<String> UNITS =
            List.of("", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

    @Test
    void durations() {
        Map.of(
                        "300ms", Duration.ofMillis(300),
                        "1.5h", Duration.ofMinutes(90),
                        "1m30s", Duration.ofSeconds(90),
                        "0", Duration.ZERO,
                        "+5s", Duration.ofSeconds(5),
                        "-2m", Duration.ofMinutes(-2),
                        ".5s", Duration.ofMillis(500),
                        "1.s", Duration.ofSeconds(1),
                        "7us9ns", Duration.ofNanos(7_009),
                        "7µs", Duration.ofNanos(7_000))
                .forEach((text, duration) ->
                        assertThat(GoDurations.parse(text)).as(text).isEqualTo(duration));
        assertThat(GoDurations.parse("0.3ns")).isEqualTo(Duration.ZERO);
    }

    @Test
    void whatIsNoDuration() {
        for (String text : List.of("", "5", "5 s", "1d", "s", "1h2", "--1s", "1e3s", ".s", "1S", "300y", "3000000h")) {
            assertThat(GoDurations.parse(text)).as(text).isNull();
        }
    }

    @Test
    void anyDurationIsReadAsItIsWritten() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var duration = Duration.ofNanos(random.nextLong() >> random.nextInt(64));
            assertThat(GoDurations.parse(GoDurations.write(duration)))
                    .as("seed %d: %s", seed, GoDurations.write(duration))
                    .isEqualTo(duration);
        }
        assertThat(GoDurations.write(Duration.ofSeconds(90))).isEqualTo("1m30s");
        assertThat(GoDurations.write(Duration.ofMillis(200))).isEqualTo("200ms");
        assertThat(GoDurations.write(Duration.ofHours(24))).isEqualTo("24h");
        assertThat(GoDurations.write(Duration.ZERO)).isEqualTo("0s");
    }

    @Test
    void quantities() {
        Map.of(
                        "1Gi", 1L << 30,
                        "500M", 500_000_000L,
                        "1k", 1_000L,
                        "0", 0L,
                        "1.5k", 1_500L,
                        "1500m", 2L,
                        "2e3", 2_000L,
                        "2E3", 2_000L,
                        "1E", 1_000_000_000_000_000_000L,
                        "100E", Long.MAX_VALUE)
                .forEach((text, value) ->
                        assertThat(Quantities.parse(text)).as(text).isEqualTo(value));
        for (String text : List.of("", "k", "1K", "1GB", "-1", "1 k", "1e", "Gi1", "1ki", "0x10")) {
            assertThat(Quantities.parse(text)).as(text).isNull();
        }
        assertThat(Quantities.read(new Tree.Numeral(1, "50"))).isEqualTo(50);
        assertThat(Quantities.read(new Tree.Bool(1, true))).isNull();
    }

    @Test
    void anyQuantityIsItsNumberTimesItsUnit() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            int unit = random.nextInt(UNITS.size());
            var number = new BigDecimal(random.nextInt(1_000_000)).movePointLeft(random.nextInt(7));
            var factor = unit <= 6 ? BigDecimal.TEN.pow(3 * unit) : new BigDecimal(1L << (10 * (unit - 6)));
            long expected = number.multiply(factor)
                    .setScale(0, RoundingMode.CEILING)
                    .min(new BigDecimal(Long.MAX_VALUE))
                    .longValueExact();
            String text = number.toPlainString() + UNITS.get(unit);
            assertThat(Quantities.parse(text)).as("seed %d: %s", seed, text).isEqualTo(expected);
        }
    }
}
