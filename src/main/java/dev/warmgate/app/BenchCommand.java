package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
import dev.warmgate.twin.experiment.Bench;
import dev.warmgate.twin.experiment.Offer;
import dev.warmgate.twin.load.LoadSettings;
import dev.warmgate.twin.load.Target;
import dev.warmgate.twin.report.Comparison;
import dev.warmgate.twin.report.ProgressView;
import dev.warmgate.twin.report.RunFacts;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.TraceException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A load on a real address. */
final class BenchCommand implements Callable<Integer> {
    private static final String KEY = "OPENAI_API_KEY";
    private static final String AUTO = "auto";
    private static final String ALWAYS = "always";
    private static final String NEVER = "never";

    private static final Option MODEL =
            Option.text("--model", "NAME", "The model to ask for (default: the first that the target lists).");
    private static final Option POLICY_NAME =
            Option.text("--policy-name", "LABEL", "What the run is called in tables (default: measured).");
    private static final Option REQUESTS =
            Option.whole("--requests", "N", "Send only the first N requests, by planned time (default: all).");
    private static final Option MAX_IN_FLIGHT = Option.whole(
            "--max-in-flight", "N", "Send requests late rather than have more in flight at once (default: no limit).");
    private static final Option IGNORE_EOS = Option.text(
            "--ignore-eos",
            "WHEN",
            "Whether answers are made as long as planned by ignore_eos, which engines know and other servers"
                    + " may refuse: always, never, or auto, which asks the target first (default: " + AUTO + ").");
    private static final Option SPEED_UP = Option.decimal(
            "--speed-up", "X", "Model seconds per real second, for twins that run as fast (default: 1.0).");
    private static final Option TIMEOUT =
            Option.decimal("--timeout", "SECONDS", "Real time after which a request is given up (default: 300.0).");

    static final CommandSpec SPEC = new CommandSpec(
            "bench",
            "Sends a workload of simulate as real load to an OpenAI-compatible address and measures it from"
                    + " the client's side. A key in OPENAI_API_KEY is sent as bearer token.",
            new CommandSpec.Parameter(
                    "TARGET_URL", "Where to send, such as http://127.0.0.1:8080; nothing else is ever asked."),
            LoadOptions.with(MODEL, POLICY_NAME, REQUESTS, MAX_IN_FLIGHT, IGNORE_EOS, SPEED_UP, TIMEOUT),
            false,
            List.of("", "Example:", "  warmgate bench http://127.0.0.1:8080 --workload chat --html bench.html"));

    private final Terminal terminal;
    private final String target;
    private final @Nullable String model;
    private final String label;
    private final int requests;
    private final int mostInFlight;
    private final String ignoreEos;
    private final double speedUp;
    private final double timeoutSeconds;

    private final LoadOptions load;

    BenchCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        load = new LoadOptions(given);
        target = given.parameter();
        model = given.text(MODEL);
        label = given.text(POLICY_NAME, "measured");
        requests = given.whole(REQUESTS, Integer.MAX_VALUE);
        mostInFlight = given.whole(MAX_IN_FLIGHT, LoadSettings.UNLIMITED);
        ignoreEos = given.text(IGNORE_EOS, AUTO);
        speedUp = given.decimal(SPEED_UP, 1);
        timeoutSeconds = given.decimal(TIMEOUT, 300);
    }

    @Override
    public Integer call() throws CommandFailure, TraceException, InterruptedException {
        load.check();
        var address = address();
        require(requests >= 1, "--requests", requests, "at least 1");
        require(mostInFlight >= 1, "--max-in-flight", mostInFlight, "at least 1");
        require(
                List.of(AUTO, ALWAYS, NEVER).contains(ignoreEos),
                "--ignore-eos",
                "\"" + ignoreEos + "\"",
                "auto, always, never");
        require(speedUp > 0 && speedUp <= 1000, "--speed-up", speedUp, "above 0, at most 1000");
        require(timeoutSeconds > 0 && timeoutSeconds <= 86_400, "--timeout", timeoutSeconds, "above 0, at most 86400");
        require(!label.isBlank(), "--policy-name", label, "a name");
        var plan = load.plan(load.offer(), requests);
        var settings = settings(address);
        Comparison comparison;
        try (var view = ProgressView.of(terminal.err())) {
            var run = Bench.run(label, plan, settings, view::show);
            comparison = Comparison.of(facts(plan, settings), plan, List.of(run), load.target());
        }
        load.write(terminal, comparison, null);
        return comparison.failures().isEmpty() && comparison.refusals().isEmpty() ? 0 : Main.FAILED;
    }

    private URI address() {
        try {
            return Target.parse(target);
        } catch (IllegalArgumentException e) {
            throw new UsageException("target: " + e.getMessage());
        }
    }

    private LoadSettings settings(URI address) throws CommandFailure, InterruptedException {
        var key = terminal.environment().get(KEY);
        var apiKey = key == null || key.isBlank() ? null : key.strip();
        var timeout = Duration.ofNanos((long) (timeoutSeconds * 1e9));
        try {
            var asked = model;
            if (asked == null) {
                asked = Target.firstModel(address, apiKey);
            } else {
                Target.requireReachable(address, apiKey);
            }
            boolean exact = ignoreEos.equals(AUTO)
                    ? Target.takesIgnoreEos(address, asked, apiKey, timeout)
                    : ignoreEos.equals(ALWAYS);
            return new LoadSettings(
                    address, asked, apiKey, speedUp, load.seed(), load.warmup(), exact, mostInFlight, timeout);
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()));
        }
    }

    private RunFacts facts(Plan plan, LoadSettings settings) {
        var lines = new ArrayList<>(load.describe(plan));
        lines.add("Target " + settings.target() + ", model " + settings.model() + "."
                + (speedUp == 1
                        ? ""
                        : " Times are model seconds: real time times " + LoadOptions.plain(speedUp) + "."));
        lines.add("The first " + percent() + " of the requests are not measured. Time scale "
                + LoadOptions.plain(load.timeScale()) + ", seed " + load.seed() + ".");
        if (!settings.ignoreEos()) {
            lines.add("Answers may be shorter than planned: the target was not told to ignore the end of an answer.");
        }
        if (mostInFlight < LoadSettings.UNLIMITED) {
            lines.add("The client has at most " + mostInFlight + " requests in flight and sends the others late.");
        }
        lines.add(
                "Time to first token counts from the last byte sent to the first event with text; ITL is the time between"
                        + " two such events, which may hold several tokens; TPOT is the time after the first event by the number"
                        + " of tokens after the first.");
        var fields = load.fields();
        fields.put("replicas", null);
        fields.put("profile", null);
        fields.put("target", settings.target().toString());
        fields.put("model", settings.model());
        fields.put("speedUp", speedUp);
        fields.put("ignoreEos", settings.ignoreEos());
        fields.put("maxInFlight", mostInFlight < LoadSettings.UNLIMITED ? mostInFlight : null);
        fields.put("plannedRequests", plan.requests().size());
        fields.put("plannedLoad", Offer.load(plan));
        return new RunFacts(
                "Warmgate bench",
                plan.requests().size() + " requests were sent to " + settings.target() + " and measured from the"
                        + " client's side"
                        + (load.warmup() == 0
                                ? "."
                                : "; the first of them, " + percent() + ", are warm-up and do not count."),
                lines,
                load.target().describe(),
                load.given(),
                fields);
    }

    private String percent() {
        return Math.round(load.warmup() * 100) + " %";
    }

    private void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new UsageException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
