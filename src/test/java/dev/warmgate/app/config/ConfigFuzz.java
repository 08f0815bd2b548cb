package dev.warmgate.app.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** Configuration files: understood, or refused with problems that name the file; never anything else. */
public final class ConfigFuzz {
    private static final ConfigLoader LOADER = new ConfigLoader(Map.of("SECRET", "0123456789abcdef0123456789abcdef"));

    private ConfigFuzz() {}

    /** Reads one input: a file. */
    public static void fuzzerTestOneInput(byte[] input) {
        try {
            assertThat(LOADER.parse("fuzz.yaml", new String(input, UTF_8), Overrides.NONE)
                            .pools())
                    .isNotEmpty();
        } catch (ConfigException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem)
                            .contains("fuzz.yaml")
                            .doesNotContain("0123456789abcdef0123456789abcdef"));
        }
    }
}
