package dev.warmgate.twin.experiment;

import dev.warmgate.twin.load.LoadProgress;
import dev.warmgate.twin.load.LoadRun;
import dev.warmgate.twin.load.LoadSettings;
import dev.warmgate.twin.report.Distribution;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.report.ProgressView.Bar;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

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
        try (var run = LoadRun.start(settings, plan)) {
            var outcomes = run.outcomes();
            while (true) {
                try {
                    var all = outcomes.get(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
                    return new PolicyRun(name, all, List.of(), Distribution.of(run.gaps(), 1e-6), -1);
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
                progress.failed() == 0 ? note : note + ", " + progress.failed() + " failed");
    }

    /** Returns the plan of the first {@code count} requests by their planned times, or the plan itself if it has fewer. */
    public static Plan first(Plan plan, int count) {
        var requests = plan.requests();
        if (count >= requests.size()) {
            return plan;
        }
        var chosen = new boolean[requests.size()];
        IntStream.range(0, requests.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> requests.get(i).stage())
                        .thenComparingDouble(i -> requests.get(i).atSeconds()))
                .limit(count)
                .forEach(i -> chosen[i] = true);
        var kept = new ArrayList<PlannedRequest>();
        var places = new int[requests.size()];
        for (int i = 0; i < requests.size(); i++) {
            var request = requests.get(i);
            // One whose start depends on a request that is left out would never begin.
            boolean keep = chosen[i] && (request.after() < 0 || places[request.after()] >= 0);
            places[i] = keep ? kept.size() : -1;
            if (keep) {
                kept.add(new PlannedRequest(
                        request.session(),
                        request.tenant(),
                        request.stage(),
                        request.atSeconds(),
                        request.after() < 0 ? -1 : places[request.after()],
                        request.delaySeconds(),
                        request.continues(),
                        request.input(),
                        request.answer()));
            }
        }
        return new Plan(plan.name(), kept);
    }
}
