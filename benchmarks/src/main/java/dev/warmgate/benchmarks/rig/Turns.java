package dev.warmgate.benchmarks.rig;

import java.util.ArrayList;
import java.util.List;

/**
 * Chat bodies of one size: conversations with a common system prompt and then different texts, of which each request is a
 * new turn. A body is its conversation's text, a number of {@link #DIGITS} digits, and an end that all have.
 *
 * @param before what is before the number, for each conversation
 */
record Turns(List<String> before, String after) {
    static final int DIGITS = 10;
    private static final long SMALLEST = 1_000_000_000L;

    /**
     * @param bytes the size of a body
     * @param conversations how many there are
     * @param stream what the body says about it
     */
    static Turns of(int bytes, int conversations, boolean stream) {
        String begin = "{\"model\":\"m\",\"stream\":" + stream
                + ",\"max_tokens\":64,\"messages\":[{\"role\":\"system\",\"content\":\"";
        String system = text(0, bytes / 4);
        String user = "\"},{\"role\":\"user\",\"content\":\"";
        String turn =
                "\"},{\"role\":\"assistant\",\"content\":\"Done.\"},{\"role\":\"user\",\"content\":\"Continue with ";
        String end = "\"}]}";
        int rest = bytes - begin.length() - system.length() - user.length() - turn.length() - DIGITS - end.length();
        var before = new ArrayList<String>();
        for (int i = 0; i < conversations; i++) {
            before.add(begin + system + user + text(i + 1, rest) + turn);
        }
        return new Turns(List.copyOf(before), end);
    }

    /** Returns the number of a request. */
    static String number(long request) {
        return Long.toString(SMALLEST + request);
    }

    /** Returns prose of so many bytes, another one for each seed. */
    private static String text(int seed, int length) {
        var text = new StringBuilder(length + 64);
        for (int line = 0; text.length() < length; line++) {
            text.append("In file ").append(seed).append(" line ").append(line);
            text.append(" the quick brown fox jumps over the lazy dog. ");
        }
        return text.substring(0, length);
    }
}
