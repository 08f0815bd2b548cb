package dev.warmgate.twin.server;

import dev.warmgate.router.prefix.XxHash64;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** {@code /v1/rerank} and {@code /v1/score}: scores between 0 and 1 that follow from the texts. */
final class RankingFormat implements WholeFormat {
    private record Ranked(int index, JsonNode text, double score) {}

    private final Answer answer;
    private final boolean rerank;
    private final int most;
    private final List<Ranked> ranked = new ArrayList<>();

    /** Creates the answer to a request with this path and body. */
    RankingFormat(Answer answer, String path, JsonNode body) {
        this.answer = answer;
        rerank = path.endsWith("/rerank");
        JsonNode query = body.path(rerank ? "query" : "text_1");
        JsonNode texts = body.path(rerank ? "documents" : "text_2");
        if (texts.isArray()) {
            for (JsonNode text : texts) {
                add(query, text);
            }
        } else if (!texts.isMissingNode()) {
            add(query, texts);
        }
        most = body.path("top_n").asInt(0) > 0 ? body.path("top_n").asInt(0) : ranked.size();
        if (rerank) {
            ranked.sort(Comparator.comparingDouble(Ranked::score).reversed());
        }
    }

    private void add(JsonNode query, JsonNode text) {
        byte[] bytes = (query + "\n" + text).getBytes(StandardCharsets.UTF_8);
        double score = (XxHash64.hash(bytes, 0, bytes.length, 0) >>> 11) * 0x1.0p-53;
        ranked.add(new Ranked(ranked.size(), text, score));
    }

    @Override
    public void whole(ByteBuilder out) {
        if (rerank) {
            out.add("{\"id\":").quote("rerank-" + answer.id());
        } else {
            out.add("{\"id\":")
                    .quote("score-" + answer.id())
                    .add(",\"object\":\"list\",\"created\":")
                    .add(answer.created());
        }
        out.add(",\"model\":").add(answer.model()).add(rerank ? ",\"results\":[" : ",\"data\":[");
        for (int i = 0; i < Math.min(most, ranked.size()); i++) {
            var one = ranked.get(i);
            out.add(i == 0 ? "{\"index\":" : ",{\"index\":").add(one.index);
            if (rerank) {
                out.add(",\"document\":{\"text\":")
                        .quote(one.text.asString(""))
                        .add(",\"multi_modal\":null},\"relevance_score\":");
            } else {
                out.add(",\"object\":\"score\",\"score\":");
            }
            out.add(Double.toString(one.score)).add("}");
        }
        out.add("],\"usage\":{\"prompt_tokens\":")
                .add(answer.promptTokens())
                .add(",\"total_tokens\":")
                .add(answer.promptTokens())
                .add("}}");
    }
}
