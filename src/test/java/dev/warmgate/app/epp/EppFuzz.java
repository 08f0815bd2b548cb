package dev.warmgate.app.epp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.epp.EndpointPickerConfigs.Result;

/** Endpoint picker configurations: understood, or refused with problems that name file and line; never anything else. */
public final class EppFuzz {
    private EppFuzz() {}

    /** Reads one input: a file. */
    public static void fuzzerTestOneInput(byte[] input) {
        switch (EndpointPickerConfigs.parse("fuzz.yaml", new String(input, UTF_8))) {
            case Result.Good(var config) -> {
                assertThat(config.chain().profiles()).isNotEmpty();
                assertThat(config.explanation()).isNotEmpty();
            }
            case Result.Bad(var problems) ->
                assertThat(problems)
                        .isNotEmpty()
                        .allMatch(problem -> problem.matches("(?s)fuzz\\.yaml:[1-9][0-9]*: .+"));
        }
    }
}
