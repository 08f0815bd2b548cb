package dev.warmgate.twin.report;

import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The numbers of a run for each priority, or for each tenant.
 *
 * @param name the priority or tenant; {@code other} for all that have no entry of their own, {@code none} for requests
 *     without a tenant
 * @param figures what came of its requests; rates are per second of the whole run
 * @param prefillShare share of all prompt tokens that endpoints computed (those from a cache are not) for completed
 *     requests; NaN if nobody said
 * @param decodeShare share of all output tokens of completed requests; NaN if there are none
 * @param gpuSeconds what endpoints worked for completed requests, in seconds; NaN if nobody said
 * @param gpuShare share of that of all completed requests; NaN if nobody said
 * @param minutes what endpoints worked for a tenant in each minute; unknown for priorities
 */
public record ClassFigures(
        String name,
        Figures figures,
        double prefillShare,
        double decodeShare,
        double gpuSeconds,
        double gpuShare,
        WorkMinutes minutes) {
    /** More tenants than this are not shown to people. */
    static final int SHOWN_TENANTS = 8;

    /**
     * The classes of one run.
     *
     * @param byPriority the highest first; empty if all requests have the same
     * @param byTenant by name, those with the most requests; empty if all requests have the same
     */
    public record Both(List<ClassFigures> byPriority, List<ClassFigures> byTenant) {
        public Both {
            byPriority = List.copyOf(byPriority);
            byTenant = List.copyOf(byTenant);
        }

        /** Returns the tenants if there are not too many to be shown to people, else none. */
        List<ClassFigures> shownTenants() {
            return byTenant.size() <= SHOWN_TENANTS ? byTenant : List.of();
        }
    }

    /** Returns the classes of {@code run} against {@code target}. */
    static Both of(PolicyRun run, LatencyTarget target) {
        var outcomes = run.outcomes();
        return new Both(
                of(
                        run,
                        ClassNames.ofPriorities(outcomes, RequestOutcome::priority),
                        run.itl().byPriority(),
                        _ -> WorkMinutes.UNKNOWN,
                        target),
                of(
                        run,
                        ClassNames.ofTenants(outcomes, RequestOutcome::tenant),
                        run.itl().byTenant(),
                        tenant -> WorkMinutes.of(run, tenant),
                        target));
    }

    private static List<ClassFigures> of(
            PolicyRun run,
            ClassNames names,
            Map<String, Distribution> itl,
            Function<String, WorkMinutes> minutes,
            LatencyTarget target) {
        int count = names.names().size();
        if (count < 2) {
            return List.of();
        }
        var parts = new ArrayList<List<RequestOutcome>>();
        for (int i = 0; i < count; i++) {
            parts.add(new ArrayList<>());
        }
        for (int i = 0; i < run.outcomes().size(); i++) {
            parts.get(names.group(i)).add(run.outcomes().get(i));
        }
        var all = Work.of(run.outcomes());
        var classes = new ArrayList<ClassFigures>();
        for (int i = 0; i < count; i++) {
            var name = names.names().get(i);
            var work = Work.of(parts.get(i));
            classes.add(new ClassFigures(
                    name,
                    Figures.of(run, parts.get(i), itl.getOrDefault(name, Distribution.NONE), target),
                    work.prefill / all.prefill,
                    work.decode / all.decode,
                    work.seconds,
                    work.seconds / all.seconds,
                    minutes.apply(name)));
        }
        return classes;
    }

    /** What endpoints computed for requests that completed, in tokens, and how long that took them. */
    private record Work(double prefill, double decode, double seconds) {
        static Work of(List<RequestOutcome> outcomes) {
            double prefill = 0;
            double decode = 0;
            double seconds = 0;
            for (var outcome : outcomes) {
                if (outcome.measured() && outcome.completed()) {
                    prefill +=
                            outcome.cachedTokens() < 0 ? Double.NaN : outcome.promptTokens() - outcome.cachedTokens();
                    decode += outcome.outputTokens();
                    seconds += outcome.workSeconds();
                }
            }
            return new Work(prefill, decode, seconds);
        }
    }
}
