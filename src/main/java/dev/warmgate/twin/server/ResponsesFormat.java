package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.ByteBuilder.bytes;

import org.jspecify.annotations.Nullable;

/** {@code /v1/responses}: events with sequence numbers, whose last one repeats the whole answer. */
final class ResponsesFormat implements AnswerFormat {
    private static final byte[] TEXT_DELTA =
            bytes("event: response.output_text.delta\ndata: {\"content_index\":0,\"delta\":\"");
    private static final byte[] ARGUMENTS_DELTA =
            bytes("event: response.function_call_arguments.delta\ndata: {\"delta\":\"");

    private final Answer answer;
    private final int maxOutputTokens;
    private final boolean stored;
    private final @Nullable String previous;
    private final byte[] itemId;
    private int sequence;

    /**
     * Creates the answer to a request.
     *
     * @param maxOutputTokens the client's limit, or -1
     */
    ResponsesFormat(Answer answer, int maxOutputTokens, HttpCall call) {
        this.answer = answer;
        this.maxOutputTokens = maxOutputTokens;
        stored = RequestExtras.store(call);
        previous = RequestExtras.previous(call);
        itemId = ByteBuilder.quoted((answer.toolCall() == null ? "msg_" : "fc_") + answer.id());
    }

    String id() {
        return "resp_" + answer.id();
    }

    /** Returns whether clients may ask for it again. */
    boolean stored() {
        return stored;
    }

    @Override
    public void begin(ByteBuilder out) {
        out.add("event: response.created\ndata: {\"response\":");
        addResponse(out, false);
        endEvent(out, "response.created");
        out.add("event: response.in_progress\ndata: {\"response\":");
        addResponse(out, false);
        endEvent(out, "response.in_progress");
    }

    @Override
    public void delta(ByteBuilder out, int from, int to) {
        boolean text = answer.toolCall() == null;
        if (from == 0) {
            out.add("event: response.output_item.added\ndata: {\"item\":");
            addItem(out, false);
            out.add(",\"output_index\":0");
            endEvent(out, "response.output_item.added");
            if (text) {
                out.add("event: response.content_part.added\ndata: {\"content_index\":0,\"item_id\":")
                        .add(itemId)
                        .add(",\"output_index\":0,\"part\":{\"annotations\":[],\"text\":\"\",\"type\":\"output_text\","
                                + "\"logprobs\":[]}");
                endEvent(out, "response.content_part.added");
            }
        }
        out.add(text ? TEXT_DELTA : ARGUMENTS_DELTA);
        answer.addText(out, from, to);
        out.add("\",\"item_id\":").add(itemId);
        if (text) {
            out.add(",\"logprobs\":[]");
        }
        out.add(",\"output_index\":0");
        endEvent(out, text ? "response.output_text.delta" : "response.function_call_arguments.delta");
    }

    @Override
    public void end(ByteBuilder out) {
        var toolCall = answer.toolCall();
        if (toolCall == null) {
            out.add("event: response.output_text.done\ndata: {\"content_index\":0,\"item_id\":")
                    .add(itemId)
                    .add(",\"logprobs\":[],\"output_index\":0,\"text\":\"");
            answer.addText(out);
            out.add("\"");
            endEvent(out, "response.output_text.done");
            out.add("event: response.content_part.done\ndata: {\"content_index\":0,\"item_id\":")
                    .add(itemId)
                    .add(",\"output_index\":0,\"part\":");
            addPart(out);
            endEvent(out, "response.content_part.done");
        } else {
            out.add("event: response.function_call_arguments.done\ndata: {\"arguments\":\"");
            answer.addText(out);
            out.add("\",\"item_id\":")
                    .add(itemId)
                    .add(",\"name\":")
                    .quote(toolCall.name())
                    .add(",\"output_index\":0");
            endEvent(out, "response.function_call_arguments.done");
        }
        out.add("event: response.output_item.done\ndata: {\"item\":");
        addItem(out, true);
        out.add(",\"output_index\":0");
        endEvent(out, "response.output_item.done");
        out.add("event: response.completed\ndata: {\"response\":");
        addResponse(out, true);
        endEvent(out, "response.completed");
        out.add("data: [DONE]\n\n");
    }

    @Override
    public void whole(ByteBuilder out) {
        addResponse(out, true);
    }

    private void endEvent(ByteBuilder out, String type) {
        out.add(",\"sequence_number\":")
                .add(sequence++)
                .add(",\"type\":\"")
                .add(type)
                .add("\"}\n\n");
    }

    private void addItem(ByteBuilder out, boolean done) {
        var toolCall = answer.toolCall();
        if (toolCall == null) {
            out.add("{\"id\":").add(itemId).add(",\"content\":[");
            if (done) {
                addPart(out);
            }
            out.add("],\"role\":\"assistant\",\"status\":\"")
                    .add(done ? "completed" : "in_progress")
                    .add("\",\"type\":\"message\",\"phase\":null}");
        } else {
            out.add("{\"arguments\":\"");
            if (done) {
                answer.addText(out);
            }
            out.add("\",\"call_id\":")
                    .quote("call_" + answer.id())
                    .add(",\"name\":")
                    .quote(toolCall.name())
                    .add(",\"type\":\"function_call\",\"id\":")
                    .add(itemId)
                    .add(",\"status\":\"")
                    .add(done ? "completed" : "in_progress")
                    .add("\"}");
        }
    }

    private void addPart(ByteBuilder out) {
        out.add("{\"annotations\":[],\"text\":\"");
        answer.addText(out);
        out.add("\",\"type\":\"output_text\",\"logprobs\":null}");
    }

    private void addResponse(ByteBuilder out, boolean done) {
        out.add("{\"id\":")
                .quote(id())
                .add(",\"created_at\":")
                .add(answer.created())
                .add(",\"incomplete_details\":")
                .add(done && answer.incomplete() ? "{\"reason\":\"max_output_tokens\"}" : "null")
                .add(",\"instructions\":null,\"metadata\":null,\"model\":")
                .add(answer.model())
                .add(",\"object\":\"response\",\"output\":[");
        if (done) {
            addItem(out, true);
        }
        out.add("],\"parallel_tool_calls\":true,\"temperature\":1.0,\"tool_choice\":\"auto\",\"tools\":[],")
                .add("\"top_p\":1.0,\"background\":false,\"max_output_tokens\":");
        if (maxOutputTokens < 0) {
            out.add("null");
        } else {
            out.add(maxOutputTokens);
        }
        out.add(",\"max_tool_calls\":null,\"previous_response_id\":");
        if (previous == null) {
            out.add("null");
        } else {
            out.quote(previous);
        }
        out.add(",\"prompt\":null,\"reasoning\":null,")
                .add("\"service_tier\":\"auto\",\"status\":\"")
                .add(status(done))
                .add("\",\"text\":null,\"top_logprobs\":null,\"truncation\":\"disabled\",\"usage\":");
        if (done) {
            addUsage(out);
        } else {
            out.add("null");
        }
        out.add(",\"user\":null,\"presence_penalty\":0.0,\"frequency_penalty\":0.0,\"kv_transfer_params\":null,")
                .add("\"ec_transfer_params\":null,\"input_messages\":null,\"output_messages\":null}");
    }

    private String status(boolean done) {
        if (!done) {
            return "in_progress";
        }
        return answer.incomplete() ? "incomplete" : "completed";
    }

    private void addUsage(ByteBuilder out) {
        out.add("{\"input_tokens\":")
                .add(answer.promptTokens())
                .add(",\"input_tokens_details\":{\"cached_tokens\":")
                .add(answer.cachedTokens())
                .add(",\"cache_write_tokens\":0,\"input_tokens_per_turn\":[],\"cached_tokens_per_turn\":[]},")
                .add("\"output_tokens\":")
                .add(answer.tokens())
                .add(",\"output_tokens_details\":{\"reasoning_tokens\":0,\"tool_output_tokens\":0,")
                .add("\"output_tokens_per_turn\":[],\"tool_output_tokens_per_turn\":[]},\"total_tokens\":")
                .add(answer.promptTokens() + answer.tokens())
                .add("}");
    }
}
