package dev.warmgate.twin.demo;

import dev.warmgate.twin.load.LoadProgress;
import dev.warmgate.twin.load.LoadRun;
import dev.warmgate.twin.load.LoadSettings;
import dev.warmgate.twin.report.Comparison;
import dev.warmgate.twin.report.EndpointSample;
import dev.warmgate.twin.report.FleetSample;
import dev.warmgate.twin.report.HtmlReport;
import dev.warmgate.twin.report.JsonReport;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.report.LiveState;
import dev.warmgate.twin.report.LiveView;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.report.RunFacts;
import dev.warmgate.twin.report.TextTable;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.RequestOutcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the same load under each policy, shows it live, and writes the reports.
 *
 * <p>Every policy gets a new fleet with empty caches and a new gateway. Before the first, a short run that is not
 * measured lets the JVM compile what all of them use; otherwise the first would pay for it.
 */
public final class Demo {
    /** The hardware that the simulated servers model. */
    public static final String PROFILE = "qwen3-32b-tp2-h100";

    /** The model that the simulated servers serve. */
    public static final String MODEL = "qwen3-32b";

    private static final Duration SHORTEST_WARM_UP = Duration.ofSeconds(3);

    /** Real time; an engine's worst queue in a demo is a few seconds. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(45);

    private static final int PERIOD_MILLIS = 200;

    private final DemoSettings settings;
    private final Fleet.Factory fleets;
    private final DemoGateway.Factory gateways;
    private final LiveView view;
    private final Duration warmUp;
    private final long beganNanos = System.nanoTime();

    /** Creates a demo that shows itself in {@code view}; the caller closes the view. */
    public Demo(DemoSettings settings, Fleet.Factory fleets, DemoGateway.Factory gateways, LiveView view) {
        this(settings, fleets, gateways, view, warmUp(gateways.warmUp(), settings.duration()));
    }

    Demo(DemoSettings settings, Fleet.Factory fleets, DemoGateway.Factory gateways, LiveView view, Duration warmUp) {
        this.warmUp = warmUp;
        this.settings = settings;
        this.fleets = fleets;
        this.gateways = gateways;
        this.view = view;
    }

    /** A short demo is not worth more than the usual. */
    private static Duration warmUp(Duration wanted, Duration measured) {
        var most = measured.compareTo(SHORTEST_WARM_UP) < 0 ? SHORTEST_WARM_UP : measured;
        return wanted.compareTo(most) < 0 ? wanted : most;
    }

    /** Returns a view for a demo that suits this process and writes to {@code out}. */
    public static LiveView view(DemoSettings settings, PrintStream out) {
        return LiveView.of(
                out,
                "Warmgate demo: " + settings.replicas() + " simulated model servers, " + Math.round(settings.speedUp())
                        + " model seconds per second");
    }

    /**
     * Runs everything and returns the comparison. A process that is told to end meanwhile, by ctrl-C for example, closes
     * the view first.
     *
     * @throws IOException if servers cannot listen or a report cannot be written
     * @throws InterruptedException if the thread is interrupted; everything started is closed then
     */
    public Comparison run() throws IOException, InterruptedException {
        var hook = new Thread(view::close, "demo-end");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return compare();
        } finally {
            removeHook(hook);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The process is ending already, and the hook with it.
        }
    }

    private Comparison compare() throws IOException, InterruptedException {
        var load = DemoLoad.of(settings);
        var facts = facts(load);
        view.say("Warmgate demo: " + settings.replicas() + " simulated model servers (" + PROFILE + "),");
        view.say("  the same load under each of: " + String.join(", ", settings.policies()));
        load.summary().forEach(line -> view.say("  " + line));
        view.say("  times are model seconds: real time times " + plain(settings.speedUp()));

        var plan = load.plan(settings.windowSeconds(), 1);
        warmUp(plan);
        var board = new Board(settings.policies());
        var runs = new ArrayList<PolicyRun>();
        for (int i = 0; i < settings.policies().size(); i++) {
            runs.add(measure(i, plan, board));
        }
        var comparison = Comparison.of(facts, runs, LatencyTarget.INTERACTIVE);
        write(comparison);
        return comparison;
    }

    private void warmUp(Plan plan) throws IOException, InterruptedException {
        view.say("  warming up for " + warmUp.toSeconds() + " s, not measured");
        try (var fleet = fleets.start(settings.replicas(), settings.speedUp());
                var gateway = gateways.start(settings.policies().getLast(), fleet.addresses());
                var run = LoadRun.start(loadSettings(gateway, settings.seed() + 1), plan)) {
            await(run.outcomes(), warmUp.toMillis());
        }
    }

    private PolicyRun measure(int index, Plan plan, Board board) throws IOException, InterruptedException {
        var policy = settings.policies().get(index);
        var samples = new ArrayList<FleetSample>();
        try (var fleet = fleets.start(settings.replicas(), settings.speedUp());
                var gateway = gateways.start(policy, fleet.addresses());
                var run = LoadRun.start(loadSettings(gateway, settings.seed()), plan)) {
            long startNanos = System.nanoTime();
            var outcomes = run.outcomes();
            boolean ended;
            do {
                ended = await(outcomes, PERIOD_MILLIS);
                var endpoints = fleet.sample();
                double seconds = (System.nanoTime() - startNanos) * 1e-9 * settings.speedUp();
                samples.add(new FleetSample(seconds, endpoints));
                board.set(index, run.progress());
                view.show(board.state(index, endpoints));
            } while (!ended);
            return new PolicyRun(policy, outcomes.join(), samples);
        }
    }

    private LoadSettings loadSettings(DemoGateway gateway, long textSeed) {
        return new LoadSettings(gateway.address(), MODEL, settings.speedUp(), textSeed, REQUEST_TIMEOUT);
    }

    /** Returns whether the run ended within {@code millis}. */
    private static boolean await(CompletableFuture<List<RequestOutcome>> outcomes, long millis)
            throws InterruptedException {
        try {
            outcomes.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void write(Comparison comparison) throws IOException {
        view.say("");
        TextTable.lines(comparison).forEach(view::say);
        view.say("");
        var json = settings.json();
        if (json != null) {
            Files.writeString(json, JsonReport.of(comparison));
            view.say("Figures: " + json);
        }
        Files.writeString(settings.html(), HtmlReport.of(comparison));
        view.say("Report:  " + settings.html());
    }

    private RunFacts facts(DemoLoad load) {
        var lines = new ArrayList<>(load.describe());
        lines.add(String.format(
                Locale.ROOT,
                "Requests begin within %.0f s of model time; each run ends when its last request is answered. Every run"
                        + " starts with empty caches and a gateway that knows nothing. Seed %d.",
                settings.windowSeconds(),
                settings.seed()));
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("workload", DemoLoad.NAME);
        fields.put("replicas", settings.replicas());
        fields.put("profile", PROFILE);
        fields.put("speedUp", settings.speedUp());
        fields.put("seed", settings.seed());
        fields.put("windowSeconds", settings.windowSeconds());
        return new RunFacts(
                "Warmgate demo",
                "The same requests were sent to " + settings.replicas() + " simulated model servers (" + PROFILE
                        + ") behind " + gateways.front()
                        + ", once under each routing policy, over real sockets. Times are the simulated"
                        + " servers' model seconds: measured in real time by the load client, times "
                        + plain(settings.speedUp()) + ", the speed-up.",
                lines,
                LatencyTarget.INTERACTIVE.describe(),
                command(),
                fields);
    }

    private String command() {
        return "./warmgate demo " + gateways.options() + "--policies " + String.join(",", settings.policies())
                + " --replicas "
                + settings.replicas() + " --seed " + settings.seed() + " --duration "
                + plain(settings.duration().toMillis() / 1e3) + " --speed-up " + plain(settings.speedUp());
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** What each policy has reached, for the view. */
    private final class Board {
        private static final LoadProgress NOTHING = new LoadProgress(0, 0, 0, 0, 0, 0, 0, 0);

        private final List<LiveState.PolicyState> states = new ArrayList<>();

        Board(List<String> policies) {
            policies.forEach(policy -> states.add(new LiveState.PolicyState(policy, NOTHING)));
        }

        void set(int index, LoadProgress progress) {
            states.set(index, new LiveState.PolicyState(states.get(index).policy(), progress));
        }

        LiveState state(int current, List<EndpointSample> endpoints) {
            return new LiveState((System.nanoTime() - beganNanos) * 1e-9, states, current, endpoints);
        }
    }
}
