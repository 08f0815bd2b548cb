package dev.warmgate.twin.workload;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plans from trace files: a JSON object per line, in the format that Mooncake published and with additions for
 * conversations.
 *
 * <ul>
 *   <li>{@code timestamp}: when the request is sent, milliseconds from the trace's start; lines need not be in order
 *   <li>{@code input_length}, {@code output_length}: tokens
 *   <li>{@code hash_ids}: a whole number for each block of prompt tokens, the last one perhaps partly filled; equal ids are
 *       equal text
 *   <li>{@code output_hash_ids}: likewise, for each block that is completed while the answer is generated, as later prompts
 *       name it
 *   <li>{@code session}, {@code tenant}: a name or a number
 *   <li>{@code priority}: -1000 to 1000, 0 where it is missing
 *   <li>{@code deadline}: how long after it is sent the whole answer is due, in milliseconds
 *   <li>{@code after}: the number of an earlier line, counted from 0 and with empty lines; this request is sent when that
 *       one has ended, whatever its timestamp, and {@code delay} milliseconds later
 * </ul>
 *
 * <p>The first four are required, but for a timestamp beside {@code after} and for {@code output_hash_ids}. Other fields are
 * ignored.
 */
public final class TracePlan {
    /** Tokens of a block in the traces that Mooncake published. */
    public static final int DEFAULT_BLOCK_TOKENS = TraceRequest.BLOCK_TOKENS;

    private static final double MILLIS = 1e-3;

    private TracePlan() {}

    /**
     * Returns the requests in {@code file}, in the order of its lines; the plan is called as the file.
     *
     * @param blockTokens tokens that one block id stands for; 1 to 1,000,000
     * @param timeScale factor of all timestamps, 0.001 to 100: less is more load; delays stay
     * @throws IOException if the file cannot be read
     * @throws TraceException if it is not as the format says
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Plan read(Path file, int blockTokens, double timeScale) throws IOException, TraceException {
        try (var reader = Files.newBufferedReader(file)) {
            return read(file.toString(), String.valueOf(file.getFileName()), reader, blockTokens, timeScale);
        } catch (CharacterCodingException e) {
            throw new TraceException(file + ": not UTF-8");
        }
    }

    /** Returns the requests that {@code source} holds; {@code file} names it in errors. */
    static Plan read(String file, String name, Reader source, int blockTokens, double timeScale)
            throws IOException, TraceException {
        Workloads.checkTimeScale(timeScale);
        if (blockTokens < 1 || blockTokens > 1_000_000) {
            throw new IllegalArgumentException("blockTokens: " + blockTokens + " (expected: 1 to 1000000)");
        }
        var lines = new TraceReader(file, source, blockTokens).read();
        var texts = new TraceTexts(lines, blockTokens);
        var requests = new ArrayList<PlannedRequest>(lines.size());
        Map<Integer, Integer> indexes = new HashMap<>();
        for (var line : lines) {
            int index = requests.size();
            int after = line.after() < 0 ? -1 : indexes.getOrDefault(line.after(), -1);
            double delay = line.delayMillis() * MILLIS;
            var request = new PlannedRequest(
                    line.session(),
                    line.tenant(),
                    0,
                    after < 0 ? line.timestampMillis() * MILLIS * timeScale : unhurried(requests.get(after)) + delay,
                    after,
                    delay,
                    false,
                    List.of(texts.prompt(line)),
                    texts.answer(line, index));
            requests.add(request.withPriority(line.priority()).withDeadline(line.deadlineMillis() * MILLIS));
            indexes.put(line.number(), index);
        }
        return new Plan(name, requests);
    }

    /** Returns when a request would have ended. */
    private static double unhurried(PlannedRequest request) {
        return request.atSeconds() + Plan.Pace.UNHURRIED.seconds(request.outputTokens());
    }
}
