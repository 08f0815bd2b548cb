package dev.warmgate.twin.experiment;

import dev.warmgate.twin.load.LoadProgress;
import dev.warmgate.twin.load.LoadRun;
import dev.warmgate.twin.load.LoadSettings;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.report.ProgressView.Bar;
import dev.warmgate.twin.report.TokenGaps;
import dev.warmgate.twin.workload.Plan;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends a plan to a target that serves, as real load, and measures what comes back. */
public final class Bench {
    private static final int PERIOD_MILLIS = 100;

    private Bench() {}

    /**
     * Returns the run; outcomes are in the plan's order.
     *
     * @param name what the run is called in tables
     * @throws InterruptedException if the thread is interrupted; nothing is left open then
     */
    public static PolicyRun run(String name, Plan plan, LoadSettings settings, Progress progress)
            throws InterruptedException {
        var gaps = new TokenGaps(plan);
        try (var run = LoadRun.start(settings, plan, gaps::record)) {
            var outcomes = run.outcomes();
            while (true) {
                try {
                    var all = outcomes.get(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
                    return new PolicyRun(name, all, List.of(), gaps.figures(), -1, List.of(), Map.of());
                } catch (TimeoutException _) {
                    progress.show(List.of(bar(name, run.progress())));
                } catch (ExecutionException e) {
                    throw new IllegalStateException(e.getCause());
                }
            }
        }
    }

    private static Bar bar(String name, LoadProgress progress) {
        String note = String.format(
                Locale.ROOT, "%d in flight, mean TTFT %.2f s", progress.inFlight(), progress.meanTtftSeconds());
        return new Bar(
                name,
                progress.ended(),
                progress.planned(),
                progress.failed() == 0 ? note : note + ", " + progress.failed() + " unanswered");
    }
}
