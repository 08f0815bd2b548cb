package dev.warmgate.twin.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Reads traces in the format that Mooncake published: a JSON object per line with {@code timestamp} (ms),
 * {@code input_length}, {@code output_length} (tokens) and {@code hash_ids} (one per block of 512 prompt tokens).
 *
 * <p>Empty lines are skipped; the lines must be in order of their timestamps.
 */
public final class TraceReader {
    private static final int BLOCK_TOKENS = TraceRequest.BLOCK_TOKENS;
    private static final ObjectMapper JSON = new ObjectMapper();

    private TraceReader() {}

    /**
     * Returns the requests in {@code file}.
     *
     * @throws IOException if the file cannot be read
     * @throws TraceException if a line is not as the format says
     */
    public static List<TraceRequest> read(Path file) throws IOException, TraceException {
        try (var reader = Files.newBufferedReader(file)) {
            return read(file.toString(), reader);
        }
    }

    static List<TraceRequest> read(String name, Reader source) throws IOException, TraceException {
        var reader = new BufferedReader(source);
        var requests = new ArrayList<TraceRequest>();
        long last = 0;
        int number = 0;
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            var request = new Line(name + ":" + number, line).request();
            if (request.timestampMillis() < last) {
                throw new TraceException(name + ":" + number + ": timestamp: " + request.timestampMillis()
                        + " (expected: at least " + last + ", the line before)");
            }
            last = request.timestampMillis();
            requests.add(request);
        }
        return List.copyOf(requests);
    }

    /** One line while it is checked. */
    private record Line(String where, String text) {
        TraceRequest request() throws TraceException {
            JsonNode node;
            try {
                node = JSON.readTree(text);
            } catch (JacksonException e) {
                throw new TraceException(where + ": not JSON: " + e.getOriginalMessage());
            }
            if (!node.isObject()) {
                throw new TraceException(where + ": not a JSON object");
            }
            long timestamp = integer(node, "timestamp", 0, Long.MAX_VALUE);
            int input = (int) integer(node, "input_length", 1, Integer.MAX_VALUE);
            int output = (int) integer(node, "output_length", 1, Integer.MAX_VALUE);
            return new TraceRequest(timestamp, input, output, blocks(node, input));
        }

        private long integer(JsonNode node, String field, long min, long max) throws TraceException {
            var value = node.get(field);
            if (value == null) {
                throw new TraceException(where + ": " + field + ": missing");
            }
            return integer(field, value, min, max);
        }

        private long integer(String field, JsonNode value, long min, long max) throws TraceException {
            if (!value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.longValue() < min
                    || value.longValue() > max) {
                throw new TraceException(where + ": " + field + ": " + value + " (expected: a whole number of at least "
                        + min + (max == Long.MAX_VALUE ? "" : " and at most " + max) + ")");
            }
            return value.longValue();
        }

        private List<Integer> blocks(JsonNode node, int input) throws TraceException {
            var array = node.get("hash_ids");
            if (array == null) {
                throw new TraceException(where + ": hash_ids: missing");
            }
            if (!array.isArray()) {
                throw new TraceException(where + ": hash_ids: " + array + " (expected: a list of whole numbers)");
            }
            int expected = Math.ceilDiv(input, BLOCK_TOKENS);
            if (array.size() != expected) {
                throw new TraceException(where + ": hash_ids: " + array.size() + " of them (expected: " + expected
                        + ", one for each " + BLOCK_TOKENS + " of " + input + " tokens)");
            }
            var blocks = new ArrayList<Integer>(expected);
            for (int i = 0; i < expected; i++) {
                blocks.add((int) integer("hash_ids[" + i + "]", array.get(i), 0, Integer.MAX_VALUE));
            }
            return blocks;
        }
    }
}
