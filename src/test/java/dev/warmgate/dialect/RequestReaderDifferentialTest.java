package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.dialect.ReadResult.Refused;
import dev.warmgate.dialect.ReadResult.Understood;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The reader against a plain one over Jackson's tokens: same bodies refused, same facts, same prompt. */
class RequestReaderDifferentialTest {
    private static final int BODIES = 3000;

    private final RequestReader reader = new RequestReader();
    private final PromptRecorder recorder = new PromptRecorder();

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"BY_MODEL", "UPLOAD", "OTHER"})
    void agreesWithJacksonOnWholeAndOnDamagedBodies(Dialect dialect) {
        int understood = 0;
        int understoodThoughDamaged = 0;
        for (long seed = 0; seed < BODIES; seed++) {
            var requests = new RandomRequests(new Random(seed));
            String text = requests.request(dialect);
            String from = dialect + " seed " + seed;
            understood += compare(dialect, text.getBytes(UTF_8), from) ? 1 : 0;
            understoodThoughDamaged += compare(dialect, requests.damaged(text), from + ", damaged") ? 1 : 0;
        }
        assertThat(understood).as("bodies that were understood").isBetween(BODIES / 5, BODIES * 19 / 20);
        assertThat(understoodThoughDamaged)
                .as("damaged bodies that were understood")
                .isBetween(BODIES / 50, BODIES / 2);
    }

    /** Returns whether the body was understood. */
    private boolean compare(Dialect dialect, byte[] body, String from) {
        var expected = ReferenceReader.read(dialect, body);
        var result = reader.read(dialect, body, 0, body.length, recorder);
        String context = from + ": " + new String(body, UTF_8);
        if (expected.isEmpty()) {
            assertThat(result).as(context).isInstanceOf(Refused.class);
            assertThat(recorder.prompt()).isEmpty();
            return false;
        }
        assertThat(result).as(context).isInstanceOf(Understood.class);
        var understood = (Understood) result;
        assertThat(withoutEdit(understood)).as(context).isEqualTo(expected.get().understood());
        asksForUsage(dialect, understood, body, context);
        assertThat(recorder.prompt()).as(context).isEqualTo(expected.get().prompt());
        return true;
    }

    /** The reference does not know how a body is changed to ask for usage. */
    static Understood withoutEdit(Understood read) {
        return new Understood(
                read.model(),
                read.stream(),
                read.includeUsage(),
                read.maxOutputTokens(),
                read.session(),
                read.continues(),
                read.serviceTier(),
                read.priority(),
                null);
    }

    /** Checks that the changed body is the same but for the question, and needs no further change. */
    private void asksForUsage(Dialect dialect, Understood read, byte[] body, String context) {
        boolean expected = (dialect == Dialect.OPENAI_CHAT || dialect == Dialect.OPENAI_COMPLETIONS)
                && read.stream()
                && !read.includeUsage();
        var edit = read.usageEdit();
        if (edit == null) {
            assertThat(expected).as(context).isFalse();
            return;
        }
        assertThat(expected).as(context).isTrue();
        byte[] changed = Requests.apply(edit, body);
        assertThat(changed).hasSize(body.length + edit.growth());
        var again = ReferenceReader.read(dialect, changed);
        assertThat(again).as(context).isPresent();
        assertThat(again.get().prompt())
                .isEqualTo(ReferenceReader.read(dialect, body).orElseThrow().prompt());
        assertThat(again.get().understood())
                .as(context)
                .isEqualTo(new Understood(
                        read.model(),
                        true,
                        true,
                        read.maxOutputTokens(),
                        read.session(),
                        read.continues(),
                        read.serviceTier(),
                        read.priority(),
                        null));
    }
}
