package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.ByteBuilder.bytes;

/** {@code /v1/chat/completions}. */
final class ChatFormat implements AnswerFormat {
    private static final byte[] CONTENT = bytes("{\"index\":0,\"delta\":{\"content\":\"");
    private static final byte[] GOES_ON = bytes("\"},\"logprobs\":null,\"finish_reason\":null,\"token_ids\":null}]");
    private static final byte[] EVENT_END = bytes("}\n\n");
    private static final byte[] DONE = bytes("data: [DONE]\n\n");

    private final Answer answer;
    private final byte[] chunk;
    private final String id;

    ChatFormat(Answer answer) {
        this.answer = answer;
        id = "chatcmpl-" + answer.id();
        chunk = new ByteBuilder()
                .add("data: {\"id\":")
                .quote(id)
                .add(",\"object\":\"chat.completion.chunk\",\"created\":")
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
        if (from == 0) {
            out.add(chunk)
                    .add("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
                            + "\"finish_reason\":null}],\"prompt_token_ids\":null,\"prompt_text\":null}\n\n");
        }
        var toolCall = answer.toolCall();
        if (toolCall != null) {
            toolDelta(out, toolCall, from, to);
            return;
        }
        out.add(chunk).add(CONTENT);
        answer.addText(out, from, to);
        if (to < answer.tokens()) {
            out.add(GOES_ON);
        } else {
            out.add("\"},\"logprobs\":null,\"finish_reason\":\"")
                    .add(answer.finishReason())
                    .add("\",\"stop_reason\":null,\"token_ids\":null}]");
            fingerprintUnlessUsageFollows(out);
        }
        out.add(EVENT_END);
    }

    private void toolDelta(ByteBuilder out, ToolCall toolCall, int from, int to) {
        if (from == 0) {
            out.add(chunk)
                    .add("{\"index\":0,\"delta\":{\"content\":null,\"tool_calls\":[{\"id\":")
                    .quote("chatcmpl-tool-" + answer.id())
                    .add(",\"type\":\"function\",\"index\":0,\"function\":{\"name\":")
                    .quote(toolCall.name())
                    .add("}}]},\"logprobs\":null,\"finish_reason\":null,\"token_ids\":null}]}\n\n");
        }
        out.add(chunk)
                .add(
                        "{\"index\":0,\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"");
        answer.addText(out, from, to);
        out.add("\"}}]},\"logprobs\":null,\"finish_reason\":null,\"token_ids\":null}]}\n\n");
        if (to == answer.tokens()) {
            out.add(chunk)
                    .add("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"tool_calls\","
                            + "\"stop_reason\":null,\"token_ids\":null}]");
            fingerprintUnlessUsageFollows(out);
            out.add(EVENT_END);
        }
    }

    private void fingerprintUnlessUsageFollows(ByteBuilder out) {
        if (!answer.includeUsage()) {
            out.add(",").add(Answer.FINGERPRINT);
        }
    }

    @Override
    public void end(ByteBuilder out) {
        if (answer.includeUsage()) {
            out.add(chunk)
                    .add("],\"usage\":{\"prompt_tokens\":")
                    .add(answer.promptTokens())
                    .add(",\"total_tokens\":")
                    .add(answer.promptTokens() + answer.tokens())
                    .add(",\"completion_tokens\":")
                    .add(answer.tokens())
                    .add(",\"prompt_tokens_details\":{\"cached_tokens\":")
                    .add(answer.cachedTokens())
                    .add(",\"created_cache_tokens\":0}},")
                    .add(Answer.FINGERPRINT)
                    .add(EVENT_END);
        }
        out.add(DONE);
    }

    @Override
    public void whole(ByteBuilder out) {
        out.add("{\"id\":")
                .quote(id)
                .add(",\"object\":\"chat.completion\",\"created\":")
                .add(answer.created())
                .add(",\"model\":")
                .add(answer.model())
                .add(",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
        var toolCall = answer.toolCall();
        if (toolCall == null) {
            out.add("\"");
            answer.addText(out);
            out.add("\",\"refusal\":null,\"annotations\":null,\"audio\":null,\"function_call\":null");
        } else {
            out.add("null,\"refusal\":null,\"annotations\":null,\"audio\":null,\"function_call\":null,")
                    .add("\"tool_calls\":[{\"id\":")
                    .quote("chatcmpl-tool-" + answer.id())
                    .add(",\"type\":\"function\",\"function\":{\"name\":")
                    .quote(toolCall.name())
                    .add(",\"arguments\":\"");
            answer.addText(out);
            out.add("\"}}]");
        }
        out.add(",\"reasoning\":null},\"logprobs\":null,\"finish_reason\":\"")
                .add(answer.finishReason())
                .add("\",\"stop_reason\":null,\"token_ids\":null,\"routed_experts\":null}],\"service_tier\":null,")
                .add(Answer.FINGERPRINT)
                .add(",\"usage\":{\"prompt_tokens\":")
                .add(answer.promptTokens())
                .add(",\"total_tokens\":")
                .add(answer.promptTokens() + answer.tokens())
                .add(",\"completion_tokens\":")
                .add(answer.tokens())
                .add(",\"prompt_tokens_details\":{\"cached_tokens\":")
                .add(answer.cachedTokens())
                .add(",\"created_cache_tokens\":0,\"multimodal_tokens\":null},\"completion_tokens_details\":null},")
                .add("\"prompt_logprobs\":null,\"prompt_token_ids\":null,\"prompt_text\":null,")
                .add("\"kv_transfer_params\":null,\"ec_transfer_params\":null,\"metrics\":null}");
    }
}
