package dev.warmgate.twin.report;

import dev.warmgate.twin.load.LoadProgress;
import java.io.PrintStream;

/** A live view for a log or a pipe: a line every few seconds. */
public final class PlainView implements LiveView {
    private static final double PERIOD_SECONDS = 3;

    private final PrintStream out;
    private double nextSeconds;

    /** Creates a view that writes to {@code out}. */
    public PlainView(PrintStream out) {
        this.out = out;
    }

    @Override
    public void say(String line) {
        out.println(line);
    }

    @Override
    public void show(LiveState state) {
        if (state.elapsedSeconds() >= nextSeconds) {
            nextSeconds = state.elapsedSeconds() + PERIOD_SECONDS;
            out.println(line(state));
        }
    }

    @Override
    public void close() {
        out.flush();
    }

    static String line(LiveState state) {
        var policy = state.policies().get(state.current());
        LoadProgress progress = policy.progress();
        int waiting =
                state.endpoints().stream().mapToInt(EndpointSample::waiting).sum();
        double kv = state.endpoints().stream()
                .mapToDouble(EndpointSample::kvUse)
                .average()
                .orElse(0);
        return "%4.0f s  %s: %s of %s requests, %d in flight, %d queued, KV use %s, hit rate %s, TTFT mean %s%s"
                .formatted(
                        state.elapsedSeconds(),
                        policy.policy(),
                        Format.count(progress.completed()),
                        Format.count(progress.planned()),
                        progress.inFlight(),
                        waiting,
                        Format.wholePercent(kv),
                        Format.wholePercent(progress.hitRatio()),
                        Format.seconds(progress.meanTtftSeconds()),
                        progress.failed() == 0 ? "" : ", " + progress.failed() + " failed");
    }
}
