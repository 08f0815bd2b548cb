package dev.warmgate.twin.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a trace file; {@link TracePlan} says what they look like. Confined to one thread. */
final class TraceReader {
    /** Bounds of what is kept of one file; a line of this length holds a million blocks. */
    static final int MAX_LINE_CHARS = 1 << 24;

    static final int MAX_LINES = 1_000_000;

    private final String name;
    private final BufferedReader source;
    private final int blockTokens;
    private final StringBuilder line = new StringBuilder();

    /**
     * Creates a reader.
     *
     * @param name the file's name, for errors
     * @param blockTokens tokens of one block
     */
    TraceReader(String name, Reader source, int blockTokens) {
        this.name = name;
        this.source = new BufferedReader(source);
        this.blockTokens = blockTokens;
    }

    /** Returns all lines but the empty ones; there is at least one. */
    List<TraceLine> read() throws IOException, TraceException {
        var lines = new ArrayList<TraceLine>();
        var present = new BitSet();
        int number = 0;
        for (var text = next(number); text != null; text = next(number)) {
            if (number == MAX_LINES) {
                throw new TraceException(name + ": too long (expected: at most " + MAX_LINES + " lines)");
            }
            if (!text.isBlank()) {
                lines.add(new TraceLineParser(name, number, blockTokens).parse(text, present));
                present.set(number);
            }
            number++;
        }
        if (lines.isEmpty()) {
            throw new TraceException(name + ": no requests (expected: at least one line)");
        }
        return lines;
    }

    private @Nullable String next(int number) throws IOException, TraceException {
        line.setLength(0);
        int c = source.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = source.read()) {
            if (line.length() == MAX_LINE_CHARS) {
                throw new TraceException(
                        name + ":" + (number + 1) + ": too long (expected: at most " + MAX_LINE_CHARS + " characters)");
            }
            line.append((char) c);
        }
        return line.toString();
    }
}
