package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.List;

/**
 * One picture of the live view as lines of text, no wider than the terminal.
 *
 * @param width columns
 * @param height rows
 * @param unicode whether block characters can be shown
 */
record TerminalFrame(int width, int height, boolean unicode) {
    /** Lines around the endpoints' rows, and one for the cursor. */
    private static final int OTHER_LINES = 8;

    private static final int MAX_BAR = 30;
    private static final int MIN_BAR = 5;

    /** Columns of an endpoint's row besides its bar. */
    private static final int ROW_COLUMNS = 45;

    /** Columns of a policy's row besides its bar. */
    private static final int POLICY_COLUMNS = 73;

    List<String> render(String title, LiveState state) {
        var lines = new ArrayList<String>();
        lines.add("");
        lines.add(title);
        lines.add("");
        lines.add("endpoint   in flight   queue   " + pad("KV use", bar() + 6) + "   hit rate");
        int rows = Math.clamp(
                height - OTHER_LINES - state.policies().size(),
                1,
                Math.max(1, state.endpoints().size()));
        for (int i = 0; i < Math.min(rows, state.endpoints().size()); i++) {
            lines.add(row(i, state.endpoints().get(i)));
        }
        int hidden = state.endpoints().size() - rows;
        lines.add(hidden > 0 ? "  and " + hidden + " more" : "");
        for (int i = 0; i < state.policies().size(); i++) {
            lines.add(policy(state.policies().get(i), i == state.current()));
        }
        lines.add(Math.round(state.elapsedSeconds()) + " s");
        return lines.stream().limit(Math.max(1, height - 1)).map(this::cut).toList();
    }

    private String row(int index, EndpointSample endpoint) {
        return "%8d   %9d   %5d   %s %4s   %8s"
                .formatted(
                        index + 1,
                        endpoint.inFlight(),
                        endpoint.waiting(),
                        bar(endpoint.kvUse(), bar()),
                        Format.wholePercent(endpoint.kvUse()),
                        Format.wholePercent(endpoint.hitRatio()));
    }

    private String policy(LiveState.PolicyState state, boolean current) {
        var progress = state.progress();
        String name = (current ? "> " : "  ") + pad(state.policy(), 14);
        if (progress.planned() == 0) {
            return name + "waits for its turn";
        }
        double done = (double) progress.ended() / progress.planned();
        int columns = Math.clamp(width - POLICY_COLUMNS, MIN_BAR, MAX_BAR);
        return name
                + bar(done, columns)
                + " %7s of %s  mean TTFT %7s  hit %4s  %d failed"
                        .formatted(
                                Format.count(progress.ended()),
                                Format.count(progress.planned()),
                                progress.firstTokens() == 0 ? "-" : Format.seconds(progress.meanTtftSeconds()),
                                Format.wholePercent(progress.hitRatio()),
                                progress.failed());
    }

    private int bar() {
        return Math.clamp(width - ROW_COLUMNS, MIN_BAR, MAX_BAR);
    }

    private String bar(double share, int columns) {
        int full = (int) Math.round(Math.clamp(share, 0.0, 1.0) * columns);
        return new StringBuilder()
                .repeat(unicode ? "█" : "#", full)
                .repeat(unicode ? "░" : ".", columns - full)
                .toString();
    }

    private String cut(String line) {
        return line.length() < width ? line : line.substring(0, Math.max(0, width - 1));
    }

    private static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - text.length()));
    }
}
