package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.dialect.ReadResult.Understood;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that asks for another model is the same but for that. */
class RenameTest {
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9 1.0e5 <&>\"}]";

    private final RequestReader reader = new RequestReader();

    private String renamed(String body, String to) {
        byte[] bytes = body.getBytes(UTF_8);
        // Anywhere in a larger array.
        var array = new byte[bytes.length + 20];
        System.arraycopy(bytes, 0, array, 7, bytes.length);
        var recorder = new PromptRecorder();
        assertThat(reader.read(Dialect.OPENAI_CHAT, array, 7, bytes.length, recorder))
                .isInstanceOf(Understood.class);
        var edit = reader.rename(to);
        byte[] changed = Requests.apply(edit, bytes);
        assertThat(changed).hasSize(bytes.length + edit.growth());
        return new String(changed, UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":%s,MESSAGES}",
                "{ MESSAGES , \"x\" : 1.50 , \"model\" : %s }",
                "{\"model\":\"first\",MESSAGES,\"model\":%s}"
            })
    void onlyTheModelsBytesChange(String form) {
        String template = form.replace("MESSAGES", MESSAGES.replace("%", "%%"));
        for (String name : new String[] {"\"m\"", "\"m\\u00f6\\\"del\"", "\"a-very-long-name-of-a-model\""}) {
            assertThat(renamed(template.formatted(name), "other")).isEqualTo(template.formatted("\"other\""));
        }
    }

    @Test
    void anyNameIsWrittenInAscii() {
        String name = "a\"b\\c\u0001\u00e9\ud83d\ude00";
        String changed = renamed("{\"model\":\"m\"," + MESSAGES + "}", name);
        assertThat(changed).startsWith("{\"model\":\"a\\\"b\\\\c\\u0001\\u00e9\\ud83d\\ude00\",");
        assertThat(Requests.understood(Dialect.OPENAI_CHAT, changed).model()).isEqualTo(name);
    }

    @Test
    void theQuestionForUsageMovesWithIt() {
        String body = "{\"model\":\"m\",\"stream\":true,\"stream_options\":null," + MESSAGES + "}";
        byte[] bytes = body.getBytes(UTF_8);
        var understood = (Understood) reader.read(Dialect.OPENAI_CHAT, bytes, 0, bytes.length, new PromptRecorder());
        var question = understood.usageEdit();
        assertThat(question).isNotNull();
        var rename = reader.rename("longer");
        byte[] both = Requests.apply(question.after(rename), Requests.apply(rename, bytes));
        assertThat(new String(both, UTF_8))
                .isEqualTo(body.replace("\"m\"", "\"longer\"").replace("null", "{\"include_usage\":true}"));
    }

    @Test
    void withoutAModelThereIsNothingToChange() {
        byte[] bytes = "{}".getBytes(UTF_8);
        var _ = reader.read(Dialect.BY_MODEL, bytes, 0, bytes.length, new PromptRecorder());
        assertThatThrownBy(() -> reader.rename("m")).isInstanceOf(IllegalStateException.class);
    }
}
