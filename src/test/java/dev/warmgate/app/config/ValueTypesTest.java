package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers, as they are read and written. */
class ValueTypesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "1, 1",
        "+2.50, 2.5",
        ".5, 0.5",
        "5., 5",
        "1e3, 1000",
        "0.0001, 0.0001",
        "1e-7, 0.0000001",
        "1e15, 1000000000000000",
        "123456789012345678, 123456789012345680",
        "0.1, 0.1",
        "99999999.5, 99999999.5",
    })
    void areReadAndWrittenWithoutAnExponent(String text, String written) throws Exception {
        var type = ValueTypes.amount(0, 1e18);
        Double value = type.reader().read(text);
        assertThat(value).isNotNull();
        assertThat(type.writer().apply(value)).isEqualTo(written);
        assertThat(type.reader().read(written)).isEqualByComparingTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "e1", "1e", "NaN", "Infinity", "1e999", "0x1p3", "1d", " 1", "1 ", "1_000", "-1", "١"})
    void othersAreNone(String text) {
        assertThat(ValueTypes.amount(0, 1e18).reader().read(text)).isNull();
    }

    @Test
    void theirBoundsAreToldAlike() {
        assertThat(ValueTypes.amount(0.001, 1e9).expected()).isEqualTo("a number from 0.001 to 1000000000");
    }
}
