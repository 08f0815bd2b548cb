package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.dialect.ReadResult.Refused;
import dev.warmgate.dialect.ReadResult.Understood;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptHasher;
import java.io.ByteArrayOutputStream;

/** Short ways to read a request in a test. Bodies are written with single quotes. */
final class Requests {
    private Requests() {}

    static byte[] body(String json) {
        return json.replace('\'', '"').getBytes(UTF_8);
    }

    static ReadResult read(Dialect dialect, String json, PromptRecorder recorder) {
        byte[] body = body(json);
        return new RequestReader().read(dialect, body, 0, body.length, recorder);
    }

    static Understood understood(Dialect dialect, String json) {
        var result = read(dialect, json, new PromptRecorder());
        assertThat(result).as(json).isInstanceOf(Understood.class);
        return (Understood) result;
    }

    static ApiError refused(Dialect dialect, byte[] body) {
        var recorder = new PromptRecorder();
        var result = new RequestReader().read(dialect, body, 0, body.length, recorder);
        assertThat(result).isInstanceOf(Refused.class);
        assertThat(recorder.prompt())
                .as("what the sink keeps of a refused body")
                .isEmpty();
        return ((Refused) result).error();
    }

    static String prompt(Dialect dialect, String json) {
        var recorder = new PromptRecorder();
        var result = read(dialect, json, recorder);
        assertThat(result).as(json).isInstanceOf(Understood.class);
        return recorder.prompt();
    }

    static PromptBlocks blocks(Dialect dialect, String json) {
        byte[] body = body(json);
        var hasher = new PromptHasher(7);
        var result = new RequestReader().read(dialect, body, 0, body.length, hasher);
        assertThat(result).as(json).isInstanceOf(Understood.class);
        return hasher.finish();
    }

    static byte[] apply(BodyEdit edit, byte[] body) {
        var changed = new ByteArrayOutputStream();
        changed.write(body, 0, edit.at());
        changed.writeBytes(edit.inserted().getBytes(US_ASCII));
        int rest = edit.at() + edit.removed();
        changed.write(body, rest, body.length - rest);
        return changed.toByteArray();
    }
}
