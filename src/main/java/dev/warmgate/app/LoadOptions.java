package dev.warmgate.app;

import dev.warmgate.twin.experiment.ExperimentSettings;
import dev.warmgate.twin.experiment.Offer;
import dev.warmgate.twin.experiment.Offers;
import dev.warmgate.twin.report.Comparison;
import dev.warmgate.twin.report.HtmlReport;
import dev.warmgate.twin.report.JsonReport;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.report.Sweep;
import dev.warmgate.twin.report.TextTable;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code simulate} and {@code bench} have in common: which load, what counts, where results go. */
final class LoadOptions {
    private static final LatencyTarget DEFAULT_TARGET = LatencyTarget.INTERACTIVE;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--workload",
            paramLabel = "NAME|FILE",
            required = true,
            description = "A workload by name (coding, hotspot, tenants, groups, conversation, conversation-raw, chat,"
                    + " ladder, ladder-70b, agents, code-gen, documents, tools, rollouts, reasoning, blind, mixed,"
                    + " mixed-priority, noisy-tenant, demo), or a trace: a JSON object per line with timestamp,"
                    + " input_length, output_length and hash_ids.")
    private String workload = "";

    @Option(
            names = "--trace-block-size",
            paramLabel = "TOKENS",
            description = "Prompt tokens that each of a trace's hash_ids stands for (default: ${DEFAULT-VALUE}).")
    private int traceBlockTokens = Offers.TRACE_BLOCK_TOKENS;

    @Option(
            names = "--time-scale",
            paramLabel = "X",
            description = "Factor on the times between arrivals: less is more load (default: ${DEFAULT-VALUE}).")
    private double timeScale = 1;

    @Option(
            names = "--tenants",
            paramLabel = "NAME",
            split = ",",
            description = "Send the requests of these tenants only: what the others cost them is the difference.")
    private Set<String> tenants = Set.of();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the load and of chance in the fleet (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--warmup",
            paramLabel = "SHARE",
            description = "Share of the requests, the first by planned time, that is not measured (default:"
                    + " ${DEFAULT-VALUE}).")
    private double warmup = 0.15;

    @Option(
            names = "--slo-ttft",
            paramLabel = "SECONDS",
            description = "Time to first token that a request may take (default: ${DEFAULT-VALUE}).")
    private double ttftSeconds = DEFAULT_TARGET.ttftSeconds();

    @Option(
            names = "--slo-ttft-per-token",
            paramLabel = "SECONDS",
            description = "What it may take on top for each prompt token (default: 0.0002).")
    private double ttftSecondsPerToken = DEFAULT_TARGET.ttftSecondsPerPromptToken();

    @Option(
            names = "--slo-tpot",
            paramLabel = "SECONDS",
            description = "Mean time per output token after the first that it may take (default: ${DEFAULT-VALUE}).")
    private double tpotSeconds = DEFAULT_TARGET.tpotSeconds();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where to write the figures as JSON; - for the output stream, which then gets nothing else.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Where to write a report for a browser.")
    private @Nullable Path html;

    /** Throws if a value makes no sense by itself. */
    void check() {
        ranged(() -> ExperimentSettings.requireTimeScale(timeScale));
        ranged(() -> ExperimentSettings.requireWarmup(warmup));
        ranged(this::target);
        if (traceBlockTokens < 1 || traceBlockTokens > 1_000_000) {
            throw usage("--trace-block-size: " + traceBlockTokens + " (expected: 1 to 1000000)");
        }
        if (!OutputFiles.isStandardOutput(json)) {
            OutputFiles.require(spec, "--json", json);
        }
        OutputFiles.require(spec, "--html", html);
    }

    /** Runs something that throws {@link IllegalArgumentException} for an option's bad value. */
    void ranged(Runnable action) {
        try {
            action.run();
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    Offer offer() throws CommandFailure, TraceException {
        var all = everybody();
        return tenants.isEmpty() ? all : all.of(tenants);
    }

    private Offer everybody() throws CommandFailure, TraceException {
        if (Offers.names().contains(workload)) {
            return Offers.named(workload, seed);
        }
        var file = Path.of(workload);
        if (!Files.isRegularFile(file)) {
            throw usage("--workload: \"" + workload + "\" (expected: " + String.join(", ", Offers.names())
                    + ", or a file with a trace)");
        }
        try {
            return Offers.trace(file, traceBlockTokens);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e.getMessage());
        }
    }

    /** Returns the plan of an offer at the time scale asked for. */
    Plan plan(Offer offer, int most) {
        var plan = planned(offer).first(most);
        int requests = plan.requests().size();
        if (Math.ceil(warmup * requests) >= requests) {
            throw usage("--warmup: " + warmup + " leaves none of " + requests + " requests (expected: less)");
        }
        return plan;
    }

    private Plan planned(Offer offer) {
        try {
            return offer.plan(timeScale);
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    LatencyTarget target() {
        return new LatencyTarget(ttftSeconds, ttftSecondsPerToken, tpotSeconds);
    }

    double timeScale() {
        return timeScale;
    }

    long seed() {
        return seed;
    }

    double warmup() {
        return warmup;
    }

    /** Returns the facts about the load for programs, in the order of the documents. */
    Map<String, @Nullable Object> fields() {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("workload", workload);
        fields.put("timeScale", timeScale);
        fields.put("seed", seed);
        fields.put("warmup", warmup);
        var slo = new LinkedHashMap<String, Double>();
        slo.put("ttft", ttftSeconds);
        slo.put("ttftPerToken", ttftSecondsPerToken);
        slo.put("tpot", tpotSeconds);
        fields.put("slo", slo);
        return fields;
    }

    /** Returns a number as a person would have typed it. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Returns the options that were given, as a command line; those that name outputs are left out. */
    String given() {
        var line = new StringBuilder(spec.qualifiedName().replaceFirst("^warmgate", "./warmgate"));
        for (var argument : spec.commandLine().getParseResult().matchedArgs()) {
            boolean output = argument.isOption()
                    && argument instanceof OptionSpec option
                    && (option.longestName().equals("--json")
                            || option.longestName().equals("--html"));
            if (!output) {
                String value = String.join(",", argument.stringValues());
                line.append(' ');
                if (argument instanceof OptionSpec option) {
                    line.append(option.longestName()).append(option.arity().max() == 0 ? "" : " ");
                    value = option.arity().max() == 0 ? "" : value;
                }
                line.append(value);
            }
        }
        return line.toString();
    }

    /** Prints and writes the results. */
    void write(Terminal terminal, Comparison comparison, @Nullable Sweep sweep) throws CommandFailure {
        String document = JsonReport.of(comparison, sweep);
        if (OutputFiles.isStandardOutput(json)) {
            terminal.out().print(document);
            terminal.out().flush();
            OutputFiles.write(html, "Report:  ", HtmlReport.of(comparison, sweep), terminal.err());
            return;
        }
        TextTable.lines(comparison).forEach(terminal.out()::println);
        if (sweep != null) {
            terminal.out().println();
            sweep.lines().forEach(terminal.out()::println);
        }
        if (json != null || html != null) {
            terminal.out().println();
        }
        OutputFiles.write(json, "Figures: ", document, terminal.out());
        if (html != null) {
            OutputFiles.write(html, "Report:  ", HtmlReport.of(comparison, sweep), terminal.out());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Returns the lines that describe the load, for a report. */
    List<String> describe(Plan plan) {
        return Offers.describe(plan);
    }
}
