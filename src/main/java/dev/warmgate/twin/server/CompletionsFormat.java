package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.ByteBuilder.bytes;

/** {@code /v1/completions}. */
final class CompletionsFormat implements AnswerFormat {
    private static final byte[] TEXT = bytes("{\"index\":0,\"text\":\"");
    private static final byte[] GOES_ON = bytes("\",\"logprobs\":null,\"finish_reason\":null,\"stop_reason\":null,"
            + "\"prompt_token_ids\":null,\"token_ids\":null}]}\n\n");

    private final Answer answer;
    private final byte[] head;

    CompletionsFormat(Answer answer) {
        this.answer = answer;
        head = new ByteBuilder()
                .add("{\"id\":")
                .quote("cmpl-" + answer.id())
                .add(",\"object\":\"text_completion\",\"created\":")
                .add(answer.created())
                .add(",\"model\":")
                .add(answer.model())
                .add(",\"choices\":[")
                .toBytes();
    }

    @Override
    public void begin(ByteBuilder out) {}

    @Override
    public void delta(ByteBuilder out, int from, int to) {
        out.add("data: ").add(head).add(TEXT);
        answer.addText(out, from, to);
        if (to < answer.tokens()) {
            out.add(GOES_ON);
            return;
        }
        out.add("\",\"logprobs\":null,\"finish_reason\":\"")
                .add(answer.finishReason())
                .add("\",\"stop_reason\":null,\"prompt_token_ids\":null,\"token_ids\":null}]");
        if (!answer.includeUsage()) {
            out.add(",").add(Answer.FINGERPRINT);
        }
        out.add("}\n\n");
    }

    @Override
    public void end(ByteBuilder out) {
        if (answer.includeUsage()) {
            out.add("data: ").add(head).add("],\"usage\":");
            addUsage(out);
            out.add("}},").add(Answer.FINGERPRINT).add("}\n\n");
        }
        out.add("data: [DONE]\n\n");
    }

    @Override
    public void whole(ByteBuilder out) {
        out.add(head).add(TEXT);
        answer.addText(out);
        out.add("\",\"logprobs\":null,\"finish_reason\":\"")
                .add(answer.finishReason())
                .add("\",\"stop_reason\":null,\"token_ids\":null,\"prompt_logprobs\":null,\"prompt_token_ids\":null,")
                .add("\"routed_experts\":null}],\"service_tier\":null,")
                .add(Answer.FINGERPRINT)
                .add(",\"usage\":");
        addUsage(out);
        out.add(",\"created_cache_tokens\":null,\"multimodal_tokens\":null},\"completion_tokens_details\":null},")
                .add("\"kv_transfer_params\":null,\"ec_transfer_params\":null,\"metrics\":null}");
    }

    /** Leaves the details open: they have more members in a whole answer. */
    private void addUsage(ByteBuilder out) {
        out.add("{\"prompt_tokens\":")
                .add(answer.promptTokens())
                .add(",\"total_tokens\":")
                .add(answer.promptTokens() + answer.tokens())
                .add(",\"completion_tokens\":")
                .add(answer.tokens())
                .add(",\"prompt_tokens_details\":{\"cached_tokens\":")
                .add(answer.cachedTokens());
    }
}
