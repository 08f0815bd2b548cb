package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code simulate} and {@code bench} have in common: which load, what counts, where results go. */
final class LoadOptions {
    private static final LatencyTarget DEFAULT_TARGET = LatencyTarget.INTERACTIVE;

    private static final Option WORKLOAD = Option.required(
            "--workload",
            "NAME|FILE",
            "A workload by name (coding, hotspot, tenants, groups, conversation, conversation-raw, chat,"
                    + " ladder, ladder-70b, agents, code-gen, documents, tools, rollouts, reasoning, blind, mixed,"
                    + " mixed-priority, noisy-tenant, equal-tenants, demo), or a trace: a JSON object per line with timestamp,"
                    + " input_length, output_length and hash_ids.");
    private static final Option TRACE_BLOCK_SIZE = Option.whole(
            "--trace-block-size",
            "TOKENS",
            "Prompt tokens that each of a trace's hash_ids stands for (default: " + Offers.TRACE_BLOCK_TOKENS + ").");
    private static final Option TIME_SCALE = Option.decimal(
            "--time-scale", "X", "Factor on the times between arrivals: less is more load (default: 1.0).");
    private static final Option TENANTS = Option.list(
            "--tenants",
            "NAME",
            "Send the requests of these tenants only: what the others cost them is the difference.");
    private static final Option SEED =
            Option.longWhole("--seed", "N", "Seed of the load and of chance in the fleet (default: 1).");
    private static final Option WARMUP = Option.decimal(
            "--warmup",
            "SHARE",
            "Share of the requests, the first by planned time, that is not measured (default:" + " 0.15).");
    private static final Option SLO_TTFT = Option.decimal(
            "--slo-ttft",
            "SECONDS",
            "Time to first token that a request may take (default: " + DEFAULT_TARGET.ttftSeconds() + ").");
    private static final Option SLO_TTFT_PER_TOKEN = Option.decimal(
            "--slo-ttft-per-token", "SECONDS", "What it may take on top for each prompt token (default: 0.0002).");
    private static final Option SLO_TPOT = Option.decimal(
            "--slo-tpot",
            "SECONDS",
            "Mean time per output token after the first that it may take (default: " + DEFAULT_TARGET.tpotSeconds()
                    + ").");
    private static final Option JSON = Option.text(
            "--json",
            "FILE",
            "Where to write the figures as JSON; - for the output stream, which then gets nothing else.");
    private static final Option HTML = Option.text("--html", "FILE", "Where to write a report for a browser.");

    private final Arguments given;
    private final String workload;
    private final int traceBlockTokens;
    private final double timeScale;
    private final Set<String> tenants;
    private final long seed;
    private final double warmup;
    private final double ttftSeconds;
    private final double ttftSecondsPerToken;
    private final double tpotSeconds;
    private final @Nullable Path json;
    private final @Nullable Path html;

    LoadOptions(Arguments given) {
        this.given = given;
        workload = given.text(WORKLOAD, "");
        traceBlockTokens = given.whole(TRACE_BLOCK_SIZE, Offers.TRACE_BLOCK_TOKENS);
        timeScale = given.decimal(TIME_SCALE, 1);
        tenants = Set.copyOf(given.texts(TENANTS));
        seed = given.longWhole(SEED, 1);
        warmup = given.decimal(WARMUP, 0.15);
        ttftSeconds = given.decimal(SLO_TTFT, DEFAULT_TARGET.ttftSeconds());
        ttftSecondsPerToken = given.decimal(SLO_TTFT_PER_TOKEN, DEFAULT_TARGET.ttftSecondsPerPromptToken());
        tpotSeconds = given.decimal(SLO_TPOT, DEFAULT_TARGET.tpotSeconds());
        json = given.path(JSON);
        html = given.path(HTML);
    }

    /** Returns these options and then those of a command. */
    static List<Option> with(Option... more) {
        return Stream.concat(
                        Stream.of(
                                WORKLOAD,
                                TRACE_BLOCK_SIZE,
                                TIME_SCALE,
                                TENANTS,
                                SEED,
                                WARMUP,
                                SLO_TTFT,
                                SLO_TTFT_PER_TOKEN,
                                SLO_TPOT,
                                JSON,
                                HTML),
                        Stream.of(more))
                .toList();
    }

    /** Throws if a value makes no sense by itself. */
    void check() {
        ranged(() -> ExperimentSettings.requireTimeScale(timeScale));
        ranged(() -> ExperimentSettings.requireWarmup(warmup));
        ranged(this::target);
        if (traceBlockTokens < 1 || traceBlockTokens > 1_000_000) {
            throw usage("--trace-block-size: " + traceBlockTokens + " (expected: 1 to 1000000)");
        }
        if (!OutputFiles.isStandardOutput(json)) {
            OutputFiles.require("--json", json);
        }
        OutputFiles.require("--html", html);
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
        return given.line(Set.of(JSON, HTML)).replaceFirst("^warmgate", "./warmgate");
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

    private UsageException usage(String message) {
        return new UsageException(message);
    }

    /** Returns the lines that describe the load, for a report. */
    List<String> describe(Plan plan) {
        return Offers.describe(plan);
    }
}
