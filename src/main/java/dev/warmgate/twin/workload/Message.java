package dev.warmgate.twin.workload;

import java.util.List;

/**
 * One message that a client adds to its conversation.
 *
 * @param role who speaks
 * @param parts the message's text, in order; not empty
 */
public record Message(Role role, List<Text> parts) {
    /** The speaker of a message; the third role, the assistant's, is never planned: its words come from the engine. */
    public enum Role {
        /** Instructions and tools, before the conversation. */
        SYSTEM,
        /** The person, or a tool that the client ran. */
        USER
    }

    public Message {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts: empty (expected: at least one)");
        }
    }

    /** Returns a message of one text. */
    public static Message of(Role role, Text text) {
        return new Message(role, List.of(text));
    }

    /** Returns the length of the text in tokens, without what a chat template adds. */
    public int tokens() {
        int sum = 0;
        for (var part : parts) {
            sum += part.tokens();
        }
        return sum;
    }
}
