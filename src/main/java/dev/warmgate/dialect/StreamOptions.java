package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.mistyped;
import static dev.warmgate.dialect.JsonIndex.NONE;

import org.jspecify.annotations.Nullable;

/**
 * The field {@code stream_options} of OpenAI's chat and completions, by which a client asks for usage at the end of a
 * stream.
 */
final class StreamOptions {
    private static final String ASK = "\"include_usage\":true";

    private final JsonIndex index;

    StreamOptions(JsonIndex index) {
        this.index = index;
    }

    /** Returns whether the client wants usage. */
    boolean includeUsage() {
        int options = index.getPresent(0, Name.STREAM_OPTIONS);
        if (options == NONE) {
            return false;
        }
        if (!index.isObject(options)) {
            throw mistyped(index, options, "an object such as {\"include_usage\": true}");
        }
        return flag(options, Name.INCLUDE_USAGE);
    }

    /**
     * Returns the change by which a body asks for usage that does not; null where the engine would tell it in every
     * event then, which could not be hidden from the client.
     *
     * @param offset where the body begins
     */
    @Nullable
    BodyEdit ask(int offset) {
        int options = index.get(0, Name.STREAM_OPTIONS);
        if (options == NONE) {
            return new BodyEdit(index.start(0) + 1 - offset, 0, "\"stream_options\":{" + ASK + "},");
        }
        if (!index.isPresent(options)) {
            return inPlaceOf(options, "{" + ASK + "}", offset);
        }
        if (flag(options, Name.CONTINUOUS_USAGE_STATS)) {
            return null;
        }
        int wanted = index.get(options, Name.INCLUDE_USAGE);
        if (wanted != NONE) {
            return inPlaceOf(wanted, "true", offset);
        }
        boolean empty = index.close(options) == options + 1;
        return new BodyEdit(index.start(options) + 1 - offset, 0, empty ? ASK : ASK + ",");
    }

    private BodyEdit inPlaceOf(int node, String value, int offset) {
        int start = index.start(node);
        return new BodyEdit(start - offset, index.end(node) - start, value);
    }

    /** Returns whether a field says true; absent and null mean false. */
    boolean flag(int object, Name name) {
        int value = index.getPresent(object, name);
        if (value == NONE) {
            return false;
        }
        return switch (index.kind(value)) {
            case 't' -> true;
            case 'f' -> false;
            default -> throw mistyped(index, value, "true or false");
        };
    }
}
