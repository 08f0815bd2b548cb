package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.missing;
import static dev.warmgate.dialect.BadRequestException.mistyped;
import static dev.warmgate.dialect.JsonIndex.NONE;

/**
 * Feeds conversations so that equal ones feed equally in every dialect: first the tools as one message of role
 * {@code tools}, then the system prompt, then the messages, whatever the order of the fields in the body.
 *
 * <p>Differences that are levelled: OpenAI chat has the result of a tool as a message, Anthropic as a part of a user
 * message, Responses as an item of its own; a call belongs to the assistant's message in the first two, while in
 * Responses it is an item that follows that message. Ids of calls are left out: most chat templates do not show them.
 */
final class ConversationFeeder {
    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";
    private static final String TOOL = "tool";

    private static final byte[] DESCRIPTION = PromptWriter.ascii(",\"description\":");
    private static final byte[] PARAMETERS = PromptWriter.ascii(",\"parameters\":");
    private static final byte[] TOOL_NAME = PromptWriter.ascii("{\"name\":");

    private final JsonIndex index;
    private final PromptWriter writer;
    private final ContentFeeder content;

    ConversationFeeder(JsonIndex index, PromptWriter writer) {
        this.index = index;
        this.writer = writer;
        this.content = new ContentFeeder(index, writer);
    }

    /** Feeds the definitions of tools, if there are any. */
    void tools(int tools) {
        if (!index.isPresent(tools)) {
            return;
        }
        if (!index.isList(tools)) {
            throw mistyped(index, tools, "a list of tools");
        }
        int end = index.close(tools);
        if (end == tools + 1) {
            return;
        }
        writer.begin("tools");
        for (int tool = tools + 1; tool < end; tool = index.next(tool)) {
            if (!index.isObject(tool)) {
                throw mistyped(index, tool, "an object that defines a tool");
            }
            tool(tool);
        }
        writer.end();
    }

    private void tool(int tool) {
        int function = index.getPresent(tool, Name.FUNCTION);
        int definition = function != NONE && index.isObject(function) ? function : tool;
        int name = index.getPresent(definition, Name.NAME);
        if (name == NONE) {
            writer.minified(tool);
            return;
        }
        writer.text(TOOL_NAME);
        writer.minified(name);
        optional(DESCRIPTION, index.getPresent(definition, Name.DESCRIPTION));
        optional(PARAMETERS, index.getPresent(definition, Name.PARAMETERS));
        optional(PARAMETERS, index.getPresent(definition, Name.INPUT_SCHEMA));
        writer.text('}');
    }

    private void optional(byte[] key, int value) {
        if (value != NONE) {
            writer.text(key);
            writer.minified(value);
        }
    }

    /** Feeds a system prompt that is not one of the messages, if there is one. */
    void system(int system) {
        if (index.isPresent(system)) {
            writer.begin(SYSTEM);
            content.system(system);
            writer.end();
        }
    }

    /** Feeds the messages of OpenAI's chat completions. */
    void chat(int messages) {
        int end = index.close(messages);
        for (int message = messages + 1; message < end; message = index.next(message)) {
            writer.begin(role(message));
            content.content(index.get(message, Name.CONTENT));
            content.toolCalls(message);
            writer.end();
        }
    }

    /** Feeds the messages of Anthropic's API. */
    void anthropic(int messages) {
        int end = index.close(messages);
        for (int message = messages + 1; message < end; message = index.next(message)) {
            String role = role(message);
            int parts = index.get(message, Name.CONTENT);
            if (index.isPresent(parts) && index.isList(parts)) {
                anthropicParts(role, parts);
            } else {
                writer.begin(role);
                content.content(parts);
                writer.end();
            }
        }
    }

    private void anthropicParts(String role, int parts) {
        int end = index.close(parts);
        boolean open = false;
        boolean afterText = false;
        for (int part = parts + 1; part < end; part = index.next(part)) {
            boolean result = index.isObject(part) && isType(part, Name.TOOL_RESULT);
            if (open && result) {
                writer.end();
                open = false;
            }
            if (result) {
                toolResult(index.get(part, Name.CONTENT));
                continue;
            }
            if (!open) {
                writer.begin(role);
                open = true;
                afterText = false;
            }
            afterText = content.part(part, afterText);
        }
        if (end == parts + 1) {
            writer.begin(role);
            open = true;
        }
        if (open) {
            writer.end();
        }
    }

    private void toolResult(int result) {
        writer.begin(TOOL);
        content.content(result);
        writer.end();
    }

    /** Feeds the input of OpenAI's Responses: a string or a list of items. */
    void responses(int input) {
        if (index.isString(input)) {
            writer.begin(USER);
            writer.text(input);
            writer.end();
            return;
        }
        boolean assistantOpen = false;
        int end = index.close(input);
        for (int item = input + 1; item < end; item = index.next(item)) {
            if (!index.isObject(item)) {
                throw mistyped(index, item, "an object with a type");
            }
            assistantOpen = item(item, assistantOpen);
        }
        if (assistantOpen) {
            writer.end();
        }
    }

    /** Feeds one item; the flag and the result tell whether the assistant's message is still open for calls. */
    private boolean item(int item, boolean assistantOpen) {
        if (isType(item, Name.REASONING)) {
            return assistantOpen;
        }
        if (isType(item, Name.FUNCTION_CALL) || isType(item, Name.CUSTOM_TOOL_CALL)) {
            if (!assistantOpen) {
                writer.begin(ASSISTANT);
            }
            int arguments = index.getPresent(item, Name.ARGUMENTS);
            writer.toolCall(
                    content.required(item, Name.NAME),
                    arguments == NONE ? index.getPresent(item, Name.INPUT) : arguments);
            return true;
        }
        if (assistantOpen) {
            writer.end();
        }
        if (isType(item, Name.FUNCTION_CALL_OUTPUT) || isType(item, Name.CUSTOM_TOOL_CALL_OUTPUT)) {
            toolResult(index.get(item, Name.OUTPUT));
            return false;
        }
        int type = index.getPresent(item, Name.TYPE);
        if (type == NONE || isType(item, Name.MESSAGE)) {
            String role = role(item);
            writer.begin(role);
            content.content(index.get(item, Name.CONTENT));
            if (role.equals(ASSISTANT)) {
                return true;
            }
        } else {
            writer.begin(ASSISTANT);
            writer.minified(item);
        }
        writer.end();
        return false;
    }

    private boolean isType(int object, Name name) {
        int type = index.getPresent(object, Name.TYPE);
        return type != NONE && index.isString(type) && index.is(type, name);
    }

    private String role(int message) {
        if (!index.isObject(message)) {
            throw mistyped(index, message, "an object with role and content");
        }
        int role = index.get(message, Name.ROLE);
        if (role == NONE) {
            throw missing(index, message, Name.ROLE, "a string such as \"user\"");
        }
        if (!index.isString(role)) {
            throw mistyped(index, role, "a string such as \"user\"");
        }
        if (index.is(role, Name.USER)) {
            return USER;
        }
        if (index.is(role, Name.ASSISTANT)) {
            return ASSISTANT;
        }
        if (index.is(role, Name.TOOL) || index.is(role, Name.FUNCTION)) {
            return TOOL;
        }
        if (index.is(role, Name.SYSTEM) || index.is(role, Name.DEVELOPER)) {
            return SYSTEM;
        }
        return index.string(role);
    }
}
