package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.dialect.ReadResult.Refused;
import dev.warmgate.dialect.ReadResult.Understood;
import java.util.regex.Pattern;

/** Request bodies: the scanner refuses what a plain reader over Jackson refuses, and else finds the same. */
public final class BodyFuzz {
    private static final Pattern SURROGATE = Pattern.compile("\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}");
    private static final Dialect[] DIALECTS = Dialect.values();

    private BodyFuzz() {}

    /** Reads one input: a byte that chooses the dialect, and the body. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var dialect = DIALECTS[(input[0] & 0xff) % DIALECTS.length];
        if (dialect == Dialect.BY_MODEL || !dialect.isReadWhole()) {
            return;
        }
        byte[] body = new byte[input.length - 1];
        System.arraycopy(input, 1, body, 0, body.length);
        var expected = ReferenceReader.read(dialect, body);
        if (expected.isEmpty()
                && ReferenceReader.read(dialect, withoutSurrogates(body)).isPresent()) {
            return; // Jackson takes half a surrogate pair in texts, as engines do, but not in names.
        }
        var recorder = new PromptRecorder();
        var result = new RequestReader().read(dialect, input, 1, body.length, recorder);
        if (expected.isEmpty()) {
            assertThat(result).isInstanceOf(Refused.class);
            assertThat(recorder.prompt()).isEmpty();
        } else {
            assertThat(result).isInstanceOf(Understood.class);
            assertThat(RequestReaderDifferentialTest.withoutEdit((Understood) result))
                    .isEqualTo(expected.get().understood());
            assertThat(recorder.prompt()).isEqualTo(expected.get().prompt());
        }
    }

    private static byte[] withoutSurrogates(byte[] body) {
        String text = new String(body, ISO_8859_1);
        return SURROGATE.matcher(text).replaceAll("A").getBytes(ISO_8859_1);
    }
}
