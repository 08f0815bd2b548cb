package dev.warmgate.twin.workload;

import dev.warmgate.router.admission.Standing;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checks one line of a trace file, field by field. Fields that it does not know are left alone. */
final class TraceLineParser {
    /** Longest prompt and longest answer, in tokens. */
    static final int MAX_TOKENS = 10_000_000;

    /** Latest timestamp: 115 days. */
    private static final long MAX_TIMESTAMP_MILLIS = 10_000_000_000L;

    /** Longest pause and latest deadline: a day. */
    private static final long MAX_DELAY_MILLIS = 86_400_000;

    private static final int MAX_NAME_CHARS = 256;

    /** How much of a wrong value is repeated in an error. */
    private static final int SHOWN_CHARS = 80;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final int number;
    private final String where;
    private final int blockTokens;

    /** Creates a parser for line {@code number}, from 0, of a file. */
    TraceLineParser(String file, int number, int blockTokens) {
        this.number = number;
        this.where = file + ":" + (number + 1) + ": ";
        this.blockTokens = blockTokens;
    }

    /** Returns the line; {@code present} tells which of the earlier lines are not empty. */
    TraceLine parse(String text, BitSet present) throws TraceException {
        var node = object(text);
        int after = after(node, present);
        var delay = value(node, "delay");
        if (delay != null && after < 0) {
            throw wrong("delay", delay, "only together with after");
        }
        int input = (int) integer(node, "input_length", 1, MAX_TOKENS);
        int output = (int) integer(node, "output_length", 1, MAX_TOKENS);
        return new TraceLine(
                number,
                after < 0 ? millis("timestamp", required(node, "timestamp"), MAX_TIMESTAMP_MILLIS) : 0,
                input,
                output,
                ids(
                        "hash_ids",
                        required(node, "hash_ids"),
                        Math.ceilDiv(input, blockTokens),
                        "one for each " + blockTokens + " of " + input + " tokens"),
                outputIds(node, input, output),
                name(node, "session"),
                name(node, "tenant"),
                after,
                delay == null ? 0 : millis("delay", delay, MAX_DELAY_MILLIS),
                priority(node),
                deadline(node));
    }

    private int priority(JsonNode node) throws TraceException {
        var priority = value(node, "priority");
        return priority == null
                ? 0
                : (int) integer("priority", priority, Standing.LOWEST_PRIORITY, Standing.HIGHEST_PRIORITY);
    }

    private double deadline(JsonNode node) throws TraceException {
        var deadline = value(node, "deadline");
        if (deadline == null) {
            return Double.POSITIVE_INFINITY;
        }
        double millis = deadline.isNumber() ? deadline.doubleValue() : 0;
        if (!(millis > 0 && millis <= MAX_DELAY_MILLIS)) {
            throw wrong("deadline", deadline, "milliseconds, above 0, at most " + MAX_DELAY_MILLIS);
        }
        return millis;
    }

    private JsonNode object(String text) throws TraceException {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new TraceException(where + "not JSON: " + e.getOriginalMessage());
        }
        if (!node.isObject()) {
            throw new TraceException(where + "not a JSON object");
        }
        return node;
    }

    private int after(JsonNode node, BitSet present) throws TraceException {
        var after = value(node, "after");
        if (after == null) {
            return -1;
        }
        if (!within(after, 0, number - 1)) {
            throw wrong("after", after, "number of an earlier line, counted from 0; this is line " + number);
        }
        if (!present.get(after.intValue())) {
            throw wrong("after", after, "number of an earlier line, counted from 0; that one is empty");
        }
        return after.intValue();
    }

    private @Nullable List<Long> outputIds(JsonNode node, int input, int output) throws TraceException {
        var ids = value(node, "output_hash_ids");
        if (ids == null) {
            return null;
        }
        int expected = (input + output) / blockTokens - input / blockTokens;
        return ids(
                "output_hash_ids",
                ids,
                expected,
                "one for each block of " + blockTokens + " tokens that is completed between token " + input + " and "
                        + (input + output));
    }

    private List<Long> ids(String field, JsonNode array, int expected, String why) throws TraceException {
        if (!array.isArray()) {
            throw wrong(field, array, "a list of whole numbers");
        }
        if (array.size() != expected) {
            throw new TraceException(
                    where + field + ": " + array.size() + " of them (expected: " + expected + ", " + why + ")");
        }
        var ids = new ArrayList<Long>(expected);
        for (int i = 0; i < expected; i++) {
            ids.add(integer(field + "[" + i + "]", array.get(i), 0, Long.MAX_VALUE));
        }
        return ids;
    }

    private @Nullable String name(JsonNode node, String field) throws TraceException {
        var name = value(node, field);
        if (name == null) {
            return null;
        }
        boolean known = name.isIntegralNumber() || name.isString();
        if (!known || name.asString().isEmpty() || name.asString().length() > MAX_NAME_CHARS) {
            throw wrong(field, name, "a string of 1 to " + MAX_NAME_CHARS + " characters, or a whole number");
        }
        return name.asString();
    }

    private double millis(String field, JsonNode value, long max) throws TraceException {
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= max)) {
            throw wrong(field, value, "milliseconds, 0 to " + max);
        }
        return value.doubleValue();
    }

    private long integer(JsonNode node, String field, long min, long max) throws TraceException {
        return integer(field, required(node, field), min, max);
    }

    private long integer(String field, JsonNode value, long min, long max) throws TraceException {
        if (!within(value, min, max)) {
            throw wrong(
                    field,
                    value,
                    String.format(
                            Locale.ROOT, "a whole number, %d to %s", min, max == Long.MAX_VALUE ? "2^63-1" : max));
        }
        return value.longValue();
    }

    private static boolean within(JsonNode value, long min, long max) {
        return value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() >= min
                && value.longValue() <= max;
    }

    private JsonNode required(JsonNode node, String field) throws TraceException {
        var value = node.get(field);
        if (value == null) {
            throw new TraceException(where + field + ": missing");
        }
        return value;
    }

    /** Returns the value of a field that may be missing, or null, which says the same. */
    private static @Nullable JsonNode value(JsonNode node, String field) {
        var value = node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    private TraceException wrong(String field, JsonNode value, String expected) {
        var shown = value.toString();
        return new TraceException(where + field + ": "
                + (shown.length() > SHOWN_CHARS ? shown.substring(0, SHOWN_CHARS) + "…" : shown) + " (expected: "
                + expected + ")");
    }
}
