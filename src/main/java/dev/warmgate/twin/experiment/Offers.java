package dev.warmgate.twin.experiment;

import dev.warmgate.twin.demo.DemoLoad;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.TraceException;
import dev.warmgate.twin.workload.TracePlan;
import dev.warmgate.twin.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The workloads that can be offered, by name or from a file. */
public final class Offers {
    /** Prompt tokens that a trace's block id stands for where nobody says. */
    public static final int TRACE_BLOCK_TOKENS = TracePlan.DEFAULT_BLOCK_TOKENS;

    private static final String DEMO = "demo";

    private Offers() {}

    /** Returns the names. */
    public static List<String> names() {
        return Stream.concat(Workloads.names().stream(), Stream.of(DEMO)).toList();
    }

    /** Returns the workload of one of {@link #names}. */
    public static Offer named(String name, long seed) {
        return new Offer(
                name, scale -> name.equals(DEMO) ? DemoLoad.plan(seed, scale) : Workloads.plan(name, seed, scale));
    }

    /**
     * Returns the workload of a trace.
     *
     * @param blockTokens prompt tokens that each block id stands for
     * @throws IOException if the file cannot be read
     * @throws TraceException if it is no trace; the message names file, line, field and reason
     */
    public static Offer trace(Path file, int blockTokens) throws IOException, TraceException {
        TracePlan.read(file, blockTokens, 1);
        return new Offer(file.toString(), scale -> again(file, blockTokens, scale));
    }

    private static Plan again(Path file, int blockTokens, double scale) {
        try {
            return TracePlan.read(file, blockTokens, scale);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TraceException e) {
            throw new IllegalStateException("the trace has changed: " + e.getMessage(), e);
        }
    }

    /** Returns a sentence or two about a plan, for a report. */
    public static List<String> describe(Plan plan) {
        long prompt = 0;
        long output = 0;
        int open = 0;
        var requests = plan.requests();
        for (int i = 0; i < requests.size(); i++) {
            prompt += plan.promptTokens(i);
            output += requests.get(i).outputTokens();
            open += requests.get(i).after() < 0 ? 1 : 0;
        }
        return List.of(String.format(
                Locale.ROOT,
                "%s: %,d requests, %.3g per second, mean prompt %,d tokens, mean answer %,d tokens; the clock starts %,d of"
                        + " them, the others follow the end of another.",
                plan.name(),
                requests.size(),
                Offer.load(plan),
                prompt / requests.size(),
                output / requests.size(),
                open));
    }
}
