package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
import dev.warmgate.app.epp.EndpointPickerConfigs;
import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.comparator.Contenders;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.experiment.Experiment;
import dev.warmgate.twin.experiment.ExperimentSettings;
import dev.warmgate.twin.experiment.Offer;
import dev.warmgate.twin.report.Comparison;
import dev.warmgate.twin.report.ProgressView;
import dev.warmgate.twin.report.RunFacts;
import dev.warmgate.twin.report.Sweep;
import dev.warmgate.twin.simulation.Simulation;
import dev.warmgate.twin.simulation.SimulationSettings;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** A comparison of policies in virtual time. */
final class SimulateCommand implements Callable<Integer> {
    private static final String PICKER_FILE = "epp:";
    private static final String NONE = "none";
    private static final double SLOWEST = 1000;

    private static final Option POLICIES = Option.list(
            "--policies",
            "NAME",
            "Policies to compare: those of serve, other routers', the bound, and epp:FILE for what a file of"
                    + " kind EndpointPickerConfig says (default: warm,round-robin).");
    private static final Option REPLICAS = Option.whole("--replicas", "N", "Endpoints (default: 8).");
    private static final Option PROFILE = Option.list(
            "--profile",
            "NAME",
            "Hardware of an endpoint: qwen3-32b-tp2-h100, llama-3.1-70b-tp4-h100 or llama-3.1-8b-h100;"
                    + " endpoints take several in turn (default: qwen3-32b-tp2-h100).");
    private static final Option SWEEP = Option.flag(
            "--sweep", "Also look for the largest load that each policy bears: 95 % of requests within target.");
    private static final Option METRICS_AGE = Option.text(
            "--metrics-age", "SECONDS", "How old engine metrics are when the gateway sees them, or none (default: 1).");
    private static final Option GATEWAYS = Option.whole(
            "--gateways", "N", "Gateways in front of the fleet that know nothing of each other (default: 1).");
    private static final Option SLOW_REPLICA =
            Option.decimal("--slow-replica", "FACTOR", "The first endpoint is so many times slower (default: 1).");
    private static final Option JITTER = Option.decimal(
            "--jitter", "SECONDS", "Messages between gateway and endpoint take up to this much longer (default: 0).");
    private static final Option ENDPOINT_RESTART = Option.decimal(
            "--endpoint-restart", "SECONDS", "When the first endpoint loses its cache (default: never).");
    private static final Option MAX_IN_FLIGHT = Option.whole(
            "--max-in-flight",
            "N",
            "The client sends requests late rather than have more in flight at once (default: no limit).");
    private static final Option WEIGHTS = Option.list(
            "--weights", "TENANT=WEIGHT", "How much of the fleet these tenants get, relative to others (default: 1).");
    private static final Option THREADS =
            Option.whole("--threads", "N", "Policies simulated side by side (default: the number of processors).");
    private static final Option EXPLAIN = Option.wholes(
            "--explain",
            "N",
            "Also show how each policy decided the N-th request of the plan, from 0, and what came of it.");

    static final CommandSpec SPEC = new CommandSpec(
            "simulate",
            "Compares routing policies on a simulated fleet in virtual time: the router that serves traffic in"
                    + " front of simulated engines, without sockets and as fast as the processor allows.",
            null,
            LoadOptions.with(
                    POLICIES,
                    REPLICAS,
                    PROFILE,
                    SWEEP,
                    METRICS_AGE,
                    GATEWAYS,
                    SLOW_REPLICA,
                    JITTER,
                    ENDPOINT_RESTART,
                    MAX_IN_FLIGHT,
                    WEIGHTS,
                    THREADS,
                    EXPLAIN),
            false,
            List.of(
                    "",
                    "Examples:",
                    "  warmgate simulate --workload coding --policies warm,round-robin,llm-d",
                    "  warmgate simulate --workload hotspot --sweep --html sweep.html",
                    "  warmgate simulate --workload demo --explain 120,121",
                    "What is simulated and what is not: docs/simulate.md."));

    private final Terminal terminal;
    private final List<String> policies;
    private final int replicas;
    private final List<String> profiles;
    private final boolean sweep;
    private final String metricsAge;
    private final int gateways;
    private final double slowdown;
    private final double jitterSeconds;
    private final double restartAtSeconds;
    private final int mostInFlight;
    private final List<String> weights;
    private final int threads;
    private final List<Integer> explain;

    private final LoadOptions load;

    SimulateCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        load = new LoadOptions(given);
        policies = given.texts(POLICIES, List.of("warm", "round-robin"));
        replicas = given.whole(REPLICAS, 8);
        profiles = given.texts(PROFILE, List.of(HardwareProfile.QWEN3_32B_TP2_H100.name()));
        sweep = given.has(SWEEP);
        metricsAge = given.text(METRICS_AGE, "1");
        gateways = given.whole(GATEWAYS, 1);
        slowdown = given.decimal(SLOW_REPLICA, 1);
        jitterSeconds = given.decimal(JITTER, 0);
        restartAtSeconds = given.decimal(ENDPOINT_RESTART, Double.POSITIVE_INFINITY);
        mostInFlight = given.whole(MAX_IN_FLIGHT, SimulationSettings.UNLIMITED);
        weights = given.texts(WEIGHTS);
        threads = given.whole(THREADS, Runtime.getRuntime().availableProcessors());
        explain = given.wholes(EXPLAIN);
    }

    @Override
    public Integer call() throws CommandFailure, TraceException, InterruptedException {
        load.check();
        var settings = settings(load.offer());
        var plan = load.plan(settings.offer(), Integer.MAX_VALUE);
        load.ranged(
                () -> plan.requireTenants("weights", settings.fleet().weights().keySet()));
        load.ranged(() -> Simulation.requireFit(plan, settings.fleet()));
        var explained = explained(plan);
        Comparison comparison;
        Sweep found = null;
        try (var view = ProgressView.of(terminal.err())) {
            var experiment = new Experiment(settings, view::show);
            comparison =
                    Comparison.of(facts(plan, settings), plan, experiment.compare(plan, explained), settings.target());
            if (settings.sweep()) {
                found = experiment.sweep();
            }
        }
        load.write(terminal, comparison, found);
        return 0;
    }

    private ExperimentSettings settings(Offer offer) {
        try {
            return new ExperimentSettings(
                    offer,
                    load.timeScale(),
                    policies.stream().map(this::contender).toList(),
                    new SimulationSettings(
                            fleet(),
                            load.seed(),
                            metricsAgeSeconds(),
                            gateways,
                            jitterSeconds,
                            restartAtSeconds,
                            mostInFlight,
                            null,
                            weights()),
                    load.warmup(),
                    load.target(),
                    sweep,
                    threads);
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    private Map<String, Double> weights() {
        var all = new TreeMap<String, Double>();
        for (var weight : weights) {
            int sign = weight.lastIndexOf('=');
            double value = sign > 0 ? number(weight.substring(sign + 1)) : Double.NaN;
            if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
                throw usage("--weights: \"" + weight + "\" (expected: TENANT=WEIGHT, a weight above 0)");
            }
            all.put(weight.substring(0, sign), value);
        }
        return all;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private Set<Integer> explained(Plan plan) {
        int last = plan.requests().size() - 1;
        for (int index : explain) {
            if (index < 0 || index > last) {
                throw usage("--explain: " + index + " (expected: 0 to " + last + ", a request of the plan)");
            }
        }
        return Set.copyOf(explain);
    }

    private Contender contender(String name) {
        if (name.startsWith(PICKER_FILE)) {
            return chain(name, Path.of(name.substring(PICKER_FILE.length())));
        }
        var contender = Contenders.named(name);
        if (contender == null) {
            throw usage("--policies: \"" + name + "\" (expected: "
                    + String.join(
                            ", ",
                            Contenders.list().stream().map(Contender::name).toList()) + ", epp:FILE)");
        }
        return contender;
    }

    /** What such a file says about waiting counts too; without flow control requests are sent at once. */
    private Contender chain(String name, Path file) {
        return switch (EndpointPickerConfigs.read(file)) {
            case Result.Good(var config) -> {
                var contender = Contenders.chain(name, config.chain());
                var admission = config.admission();
                yield admission == null ? contender : contender.queueing(admission);
            }
            case Result.Bad(var problems) -> throw usage("--policies: " + String.join("; ", problems));
        };
    }

    private List<HardwareProfile> fleet() {
        if (!(slowdown >= 1 && slowdown <= SLOWEST)) {
            throw usage("--slow-replica: " + slowdown + " (expected: 1 to 1000)");
        }
        var kinds = profiles.stream().map(this::profile).toList();
        var fleet = new ArrayList<HardwareProfile>();
        for (int i = 0; i < Math.clamp(replicas, 0, SimulationSettings.MOST_ENDPOINTS + 1); i++) {
            var profile = kinds.get(i % kinds.size());
            fleet.add(i == 0 ? profile.slowedBy(slowdown) : profile);
        }
        return fleet;
    }

    private HardwareProfile profile(String name) {
        return HardwareProfile.named(name)
                .orElseThrow(() -> usage("--profile: \"" + name + "\" (expected: "
                        + String.join(
                                ", ",
                                HardwareProfile.all().stream()
                                        .map(HardwareProfile::name)
                                        .toList()) + ")"));
    }

    private double metricsAgeSeconds() {
        if (metricsAge.equals(NONE)) {
            return Double.POSITIVE_INFINITY;
        }
        try {
            double seconds = Double.parseDouble(metricsAge);
            if (seconds >= 0 && seconds < Double.POSITIVE_INFINITY) {
                return seconds;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw usage("--metrics-age: \"" + metricsAge + "\" (expected: seconds, at least 0, or none)");
    }

    private RunFacts facts(Plan plan, ExperimentSettings settings) {
        var fleet = settings.fleet();
        var lines = new ArrayList<>(load.describe(plan));
        lines.add("Fleet: " + replicas + " endpoints, " + String.join(", ", profiles)
                + (slowdown > 1 ? ", the first one " + LoadOptions.plain(slowdown) + " times slower" : "") + "; "
                + gateways
                + (gateways == 1 ? " gateway" : " gateways") + "; engine metrics "
                + (metricsAge.equals(NONE) ? "never seen" : metricsAge + " s old when seen") + ".");
        if (jitterSeconds > 0) {
            lines.add("Messages between gateway and endpoint take up to " + LoadOptions.plain(jitterSeconds)
                    + " s longer.");
        }
        if (restartAtSeconds < Double.POSITIVE_INFINITY) {
            lines.add("The first endpoint loses its cache at " + LoadOptions.plain(restartAtSeconds) + " s.");
        }
        if (mostInFlight < SimulationSettings.UNLIMITED) {
            lines.add("The client has at most " + mostInFlight + " requests in flight and sends the others late.");
        }
        if (!weights.isEmpty()) {
            lines.add("Tenants have weights: " + String.join(", ", weights) + "; all others 1.");
        }
        lines.add("The first " + Math.round(load.warmup() * 100)
                + " % of the requests are not measured. Every run starts"
                + " with empty caches and a router that knows nothing. Time scale "
                + LoadOptions.plain(load.timeScale()) + ", seed "
                + load.seed() + ".");
        var fields = load.fields();
        fields.put("replicas", fleet.fleet().size());
        fields.put("profile", String.join(",", profiles));
        fields.put("gateways", gateways);
        fields.put("metricsAge", metricsAge.equals(NONE) ? null : fleet.metricsAgeSeconds());
        fields.put("slowReplica", slowdown);
        fields.put("jitter", jitterSeconds);
        fields.put("endpointRestart", restartAtSeconds < Double.POSITIVE_INFINITY ? restartAtSeconds : null);
        fields.put("maxInFlight", mostInFlight < SimulationSettings.UNLIMITED ? mostInFlight : null);
        fields.put("weights", weights());
        fields.put("plannedRequests", plan.requests().size());
        fields.put("plannedLoad", Offer.load(plan));
        return new RunFacts(
                "Warmgate simulation",
                "The same requests were offered to " + replicas + " simulated endpoints (" + String.join(", ", profiles)
                        + ") behind Warmgate's router, once under each policy, in virtual time. All times are model"
                        + " seconds.",
                lines,
                settings.target().describe(),
                load.given(),
                fields);
    }

    private UsageException usage(String message) {
        return new UsageException(message);
    }
}
