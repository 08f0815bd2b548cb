package dev.warmgate.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
    @ParameterizedTest
    @CsvSource({
        "POST, /v1/chat/completions, OPENAI_CHAT, openai-chat",
        "POST, /v1/completions, OPENAI_COMPLETIONS, openai-completions",
        "POST, /v1/embeddings, OPENAI_EMBEDDINGS, openai-embeddings",
        "POST, /v1/responses, OPENAI_RESPONSES, openai-responses",
        "POST, /v1/messages, ANTHROPIC_MESSAGES, anthropic-messages",
        "POST, /v1/messages/count_tokens, BY_MODEL, by-model",
        "POST, /tokenize, BY_MODEL, by-model",
        "POST, /v1/audio/speech, BY_MODEL, by-model",
        "POST, /v1/audio/transcriptions, UPLOAD, upload",
        "POST, /v1/images/edits, UPLOAD, upload",
        "POST, /v2/rerank, RERANK, rerank",
        "POST, /score, RERANK, rerank",
        "GET, /v1/rerank, OTHER, other",
        "POST, /v1/chat/completions/, OTHER, other",
        "POST, /chat/completions, OTHER, other",
        "GET, /v1/chat/completions, OTHER, other",
        "POST, /, OTHER, other"
    })
    void isKnownByMethodAndPath(String method, String path, Dialect expected, String label) {
        assertThat(Dialect.of(method, path)).isEqualTo(expected);
        assertThat(expected.label()).isEqualTo(label);
    }

    @Test
    void onlyMessagesAreAnthropic() {
        assertThat(Arrays.stream(Dialect.values()).filter(Dialect::anthropic))
                .containsExactly(Dialect.ANTHROPIC_MESSAGES);
    }
}
