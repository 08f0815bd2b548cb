package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionSettingsTest {
    private static final Duration MINUTE = Duration.ofSeconds(60);

    private static AdmissionSettings with(BandSettings... bands) {
        return new AdmissionSettings(true, MINUTE, 100, 1000, List.of(bands), 10);
    }

    private static BandSettings band(int priority, double minShare) {
        return new BandSettings(priority, minShare, 5, 50, Duration.ofSeconds(1));
    }

    @Test
    void aBandWithoutSettingsHasTheLimitsOfTheWholeAndATrickle() {
        var settings = with(band(5, 0.5));
        assertThat(settings.band(5)).isEqualTo(band(5, 0.5));
        assertThat(settings.band(0)).isEqualTo(new BandSettings(0, 0.05, 100, 1000, MINUTE));
    }

    @Test
    void sharesMayAddUpToExactlyTheWhole() {
        var bands = new ArrayList<BandSettings>();
        for (int i = 0; i < 20; i++) {
            bands.add(band(i, 0.05));
        }
        assertThat(AdmissionSettings.promised(bands)).isGreaterThan(1);
        assertThat(new AdmissionSettings(true, MINUTE, 1, 1, bands, 1).bands()).hasSize(20);
        assertThatThrownBy(() -> with(band(0, 0.7), band(1, 0.31)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: at most 1)");
    }

    @Test
    void limitsOfZeroAreRefused() {
        assertThatThrownBy(() -> new AdmissionSettings(true, Duration.ZERO, 1, 1, List.of(), 1))
                .hasMessage("maxWait: PT0S (expected: above 0)");
        assertThatThrownBy(() -> new AdmissionSettings(true, MINUTE, 0, 1, List.of(), 1))
                .hasMessage("maxRequests: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new AdmissionSettings(true, MINUTE, 1, 0, List.of(), 1))
                .hasMessage("maxBytes: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new AdmissionSettings(true, MINUTE, 1, 1, List.of(), 0))
                .hasMessage("maxRequestsPerFlow: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new BandSettings(0, 0, 0, 1, MINUTE))
                .hasMessage("maxRequests: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new BandSettings(0, 0, 1, 0, MINUTE)).hasMessage("maxBytes: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new BandSettings(0, 0, 1, 1, Duration.ofMillis(-1)))
                .hasMessage("maxWait: PT-0.001S (expected: above 0)");
        assertThatThrownBy(() -> band(0, Double.NaN)).hasMessage("minShare: NaN (expected: 0 to 1)");
        assertThatThrownBy(() -> band(1001, 0)).hasMessage("priority: 1001 (expected: -1000 to 1000)");
        assertThatThrownBy(() -> with(band(1, 0), band(1, 0.1))).hasMessage("bands: priority 1 twice (expected: once)");
    }

    @Test
    void aStandingHasNoTargetsThatCannotBe() {
        assertThatThrownBy(() -> new Standing(-1001, "a", "a", 1, 1, 1, 1))
                .hasMessage("priority: -1001 (expected: -1000 to 1000)");
        assertThatThrownBy(() -> new Standing(0, "a", "a", 0, 1, 1, 1)).hasMessage("weight: 0.0 (expected: above 0)");
        assertThatThrownBy(() -> new Standing(0, "a", "a", Double.NaN, 1, 1, 1)).hasMessageStartingWith("weight: NaN");
        assertThatThrownBy(() -> new Standing(0, "a", "a", 1, Double.NaN, 1, 1))
                .hasMessage("ttftSeconds: NaN (expected: above 0, infinite for none)");
        assertThatThrownBy(() -> new Standing(0, "a", "a", 1, 1, 0, 1)).hasMessageStartingWith("tpotSeconds: 0.0");
        assertThatThrownBy(() -> new Standing(0, "a", "a", 1, 1, 1, -1)).hasMessageStartingWith("timeoutSeconds: -1.0");
        assertThat(Standing.DEFAULT.timeoutSeconds()).isEqualTo(Standing.NONE);
    }
}
