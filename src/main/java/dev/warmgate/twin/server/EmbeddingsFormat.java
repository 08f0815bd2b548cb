package dev.warmgate.twin.server;

import dev.warmgate.router.prefix.XxHash64;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** {@code /v1/embeddings}: vectors of length 1 that follow from their inputs. */
final class EmbeddingsFormat implements WholeFormat {
    private final Answer answer;
    private final RequestExtras.Embedding asked;

    EmbeddingsFormat(Answer answer, RequestExtras.Embedding asked) {
        this.answer = answer;
        this.asked = asked;
    }

    @Override
    public void whole(ByteBuilder out) {
        out.add("{\"id\":")
                .quote("embd-" + answer.id())
                .add(",\"object\":\"list\",\"created\":")
                .add(answer.created())
                .add(",\"model\":")
                .add(answer.model())
                .add(",\"data\":[");
        long[] seeds = asked.seeds();
        for (int i = 0; i < seeds.length; i++) {
            out.add(i == 0 ? "{\"index\":" : ",{\"index\":").add(i).add(",\"object\":\"embedding\",\"embedding\":");
            addVector(out, seeds[i]);
            out.add("}");
        }
        out.add("],\"usage\":{\"prompt_tokens\":")
                .add(answer.promptTokens())
                .add(",\"total_tokens\":")
                .add(answer.promptTokens())
                .add(",\"completion_tokens\":0,\"prompt_tokens_details\":null}}");
    }

    private void addVector(ByteBuilder out, long seed) {
        var vector = new float[asked.dimensions()];
        double squares = 0;
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (XxHash64.mix(seed + i) * 0x1.0p-63);
            squares += vector[i] * vector[i];
        }
        float scale = (float) (1 / Math.sqrt(squares));
        if (asked.base64()) {
            var raw = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : vector) {
                raw.putFloat(value * scale);
            }
            out.add("\"").add(Base64.getEncoder().encode(raw.array())).add("\"");
        } else {
            for (int i = 0; i < vector.length; i++) {
                out.add(i == 0 ? "[" : ",").add(Float.toString(vector[i] * scale));
            }
            out.add("]");
        }
    }
}
