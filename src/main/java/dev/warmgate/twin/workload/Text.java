package dev.warmgate.twin.workload;

/**
 * A piece of prompt text, named but not spelled out: the first {@code tokens} tokens of an endless stream of words.
 *
 * @param stream which text; equal streams begin equally
 * @param tokens its length; at least 1
 */
public record Text(long stream, int tokens) {
    public Text {
        if (tokens < 1) {
            throw new IllegalArgumentException("tokens: " + tokens + " (expected: at least 1)");
        }
    }
}
