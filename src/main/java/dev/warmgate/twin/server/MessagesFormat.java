package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.ByteBuilder.bytes;

/** Anthropic's {@code /v1/messages}, as vLLM answers it: {@code input_tokens} counts cached tokens too. */
final class MessagesFormat implements AnswerFormat {
    private static final byte[] TEXT_DELTA = bytes("event: content_block_delta\n"
            + "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"");
    private static final byte[] JSON_DELTA = bytes("event: content_block_delta\n"
            + "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"");
    private static final byte[] DELTA_END = bytes("\"},\"index\":0}\n\n");

    private final Answer answer;

    MessagesFormat(Answer answer) {
        this.answer = answer;
    }

    @Override
    public void begin(ByteBuilder out) {}

    @Override
    public void delta(ByteBuilder out, int from, int to) {
        var toolCall = answer.toolCall();
        if (from == 0) {
            out.add("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":")
                    .quote("chatcmpl-" + answer.id())
                    .add(",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":")
                    .add(answer.model())
                    .add(",\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":")
                    .add(answer.promptTokens())
                    .add(",\"output_tokens\":0}}}\n\n")
                    .add("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"content_block\":");
            if (toolCall == null) {
                out.add("{\"type\":\"text\",\"text\":\"\"}");
            } else {
                out.add("{\"type\":\"tool_use\",\"id\":")
                        .quote("chatcmpl-tool-" + answer.id())
                        .add(",\"name\":")
                        .quote(toolCall.name())
                        .add(",\"input\":{}}");
            }
            out.add(",\"index\":0}\n\n");
        }
        out.add(toolCall == null ? TEXT_DELTA : JSON_DELTA);
        answer.addText(out, from, to);
        out.add(DELTA_END);
    }

    @Override
    public void end(ByteBuilder out) {
        out.add("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n")
                .add("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"")
                .add(answer.stopReason())
                .add("\",\"stop_sequence\":null},\"usage\":");
        addUsage(out);
        out.add("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Override
    public void whole(ByteBuilder out) {
        out.add("{\"id\":")
                .quote("chatcmpl-" + answer.id())
                .add(",\"type\":\"message\",\"role\":\"assistant\",\"content\":[");
        var toolCall = answer.toolCall();
        if (toolCall == null) {
            out.add("{\"type\":\"text\",\"text\":\"");
            answer.addText(out);
            out.add("\"}");
        } else {
            out.add("{\"type\":\"tool_use\",\"id\":")
                    .quote("chatcmpl-tool-" + answer.id())
                    .add(",\"name\":")
                    .quote(toolCall.name())
                    .add(",\"input\":")
                    .add(toolCall.arguments())
                    .add("}");
        }
        out.add("],\"model\":")
                .add(answer.model())
                .add(",\"stop_reason\":\"")
                .add(answer.stopReason())
                .add("\",\"usage\":");
        addUsage(out);
        out.add("}");
    }

    private void addUsage(ByteBuilder out) {
        out.add("{\"input_tokens\":")
                .add(answer.promptTokens())
                .add(",\"output_tokens\":")
                .add(answer.tokens())
                .add(",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":")
                .add(answer.cachedTokens())
                .add("}");
    }
}
