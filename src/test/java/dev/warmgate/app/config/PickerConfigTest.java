package dev.warmgate.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import dev.warmgate.picker.PickerTls;
import dev.warmgate.testing.TestCertificates;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The section about the door for gateways. */
class PickerConfigTest {
    private static final Path CERTIFICATE = TestCertificates.certificate("server");
    private static final Path KEY = TestCertificates.key("server");

    private static PickerConfig parse(String picker) throws ConfigException {
        return parse(picker, Overrides.NONE);
    }

    private static PickerConfig parse(String picker, Overrides overrides) throws ConfigException {
        String yaml = "pools: [{endpoints: [http://127.0.0.1:1]}]\npicker: " + picker + "\n";
        return requireNonNull(new ConfigLoader(Map.of())
                .parse("gateway.yaml", yaml, overrides)
                .picker());
    }

    @Test
    void tlsIsOffSelfSignedOrGiven() throws Exception {
        assertThat(parse("{}").tls()).isEqualTo(new PickerTls.Off());
        assertThat(parse("{tls: {selfSigned: false}}").tls()).isEqualTo(new PickerTls.Off());
        assertThat(parse("{tls: {selfSigned: true}}").tls()).isEqualTo(new PickerTls.SelfSigned());
        var given = new TlsSettings(CERTIFICATE, KEY, ClientCertificates.OFF, null);
        assertThat(parse("{tls: {certificate: %s, key: %s}}".formatted(CERTIFICATE, KEY))
                        .tls())
                .isEqualTo(new PickerTls.Given(given));
    }

    @Test
    void theConformanceSuiteIsHeededOnlyIfThatIsSaid() throws Exception {
        assertThat(parse("{}").conformance()).isFalse();
        assertThat(parse("{conformance: true}").conformance()).isTrue();
    }

    @Test
    void theCommandLineReplacesWhatTheFileSaysAboutTls() throws Exception {
        for (boolean selfSigned : new boolean[] {true, false}) {
            var overrides = Overrides.NONE.withPicker(new Overrides.OfPicker(null, null, null, null, selfSigned));
            assertThat(parse("{tls: {certificate: %s, key: %s}}".formatted(CERTIFICATE, KEY), overrides)
                            .tls())
                    .isEqualTo(selfSigned ? new PickerTls.SelfSigned() : new PickerTls.Off());
        }
    }

    @Test
    void whatCannotBeIsToldByLine() {
        assertThatThrownBy(() -> parse("{tls: {selfSigned: true, key: %s}}".formatted(KEY)))
                .hasMessageContaining("gateway.yaml:2: picker.tls.key: of no use beside selfSigned: true");
        assertThatThrownBy(() -> parse("{tls: {certificate: %s}}".formatted(CERTIFICATE)))
                .hasMessageContaining("picker.tls.key: missing");
        var other = TestCertificates.key("client");
        assertThatThrownBy(() -> parse("{tls: {certificate: %s, key: %s}}".formatted(other, KEY)))
                .hasMessageContaining("picker.tls.certificate: " + other + " holds no ");
        assertThatThrownBy(() -> parse("{tls: {certificate: none.pem, key: %s}}".formatted(KEY)))
                .hasMessageContaining("picker.tls.certificate: none.pem cannot be read");
        assertThatThrownBy(() -> parse("{tls: yes}"))
                .hasMessageContaining("picker.tls: \"yes\" (expected: keys selfSigned");
    }
}
