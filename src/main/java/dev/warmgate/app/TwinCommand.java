package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.fault.FaultPlan;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Simulated model servers. */
final class TwinCommand implements Callable<Integer> {
    private static final int FIRST_PORT = 8001;

    private static final Option REPLICAS =
            Option.whole("--replicas", "N", "Servers to run (default: " + TwinSettings.DEFAULTS.replicas() + ").");
    private static final Option PORT = Option.whole(
            "--port", "FIRST", "Port of the first server, the others follow (default: " + FIRST_PORT + ").");
    private static final Option HOST =
            Option.text("--host", "HOST", "Address to listen on (default: " + TwinSettings.DEFAULTS.host() + ").");
    private static final Option MODEL =
            Option.list("--model", "NAME", "Model names the servers answer to (default: qwen3-32b).");
    private static final Option PROFILE = Option.text(
            "--profile",
            "NAME",
            "Hardware of a server: qwen3-32b-tp2-h100, llama-3.1-70b-tp4-h100 or llama-3.1-8b-h100" + " (default: "
                    + TwinSettings.DEFAULTS.profile().name() + ").");
    private static final Option SPEED_UP = Option.decimal(
            "--speed-up",
            "X",
            "Seconds of model time in a second of real time (default: " + TwinSettings.DEFAULTS.speedUp() + ").");
    private static final Option STREAM_INTERVAL = Option.whole(
            "--stream-interval",
            "N",
            "Tokens per streamed event, as in vLLM (default: " + TwinSettings.DEFAULTS.streamInterval() + ").");
    private static final Option FAULTS = Option.text(
            "--faults",
            "PLAN",
            "What goes wrong and how often, for example reset-mid=0.01,vanish=1x,seed=7"
                    + " (default: nothing). See docs/failures.md.");

    static final CommandSpec SPEC = CommandSpec.of(
            "twin",
            "Runs simulated model servers that speak vLLM's HTTP, one per port, until it is stopped.",
            List.of(REPLICAS, PORT, HOST, MODEL, PROFILE, SPEED_UP, STREAM_INTERVAL, FAULTS));

    private final Terminal terminal;
    private final int replicas;
    private final int port;
    private final String host;
    private final List<String> models;
    private final String profile;
    private final double speedUp;
    private final int streamInterval;
    private final String faults;

    TwinCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        replicas = given.whole(REPLICAS, TwinSettings.DEFAULTS.replicas());
        port = given.whole(PORT, FIRST_PORT);
        host = given.text(HOST, TwinSettings.DEFAULTS.host());
        models = given.texts(MODEL, TwinSettings.DEFAULTS.models());
        profile = given.text(PROFILE, TwinSettings.DEFAULTS.profile().name());
        speedUp = given.decimal(SPEED_UP, TwinSettings.DEFAULTS.speedUp());
        streamInterval = given.whole(STREAM_INTERVAL, TwinSettings.DEFAULTS.streamInterval());
        faults = given.text(FAULTS, "");
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        var settings = settings();
        var end = new CountDownLatch(1);
        try (var fleet = start(settings)) {
            Signals.onEnd(end::countDown);
            terminal.out()
                    .printf(
                            Locale.ROOT,
                            "%d simulated %s serving %s at %sx speed: http://%s:%d to %d%n",
                            fleet.replicas().size(),
                            settings.profile().name(),
                            String.join(", ", settings.models()),
                            plain(settings.speedUp()),
                            settings.host(),
                            fleet.replica(0).address().getPort(),
                            fleet.replicas().getLast().address().getPort());
            end.await();
        }
        return 0;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private TwinSettings settings() {
        var hardware = HardwareProfile.named(profile)
                .orElseThrow(() -> usage("--profile: \"" + profile + "\" (expected: one of "
                        + String.join(
                                ", ",
                                HardwareProfile.all().stream()
                                        .map(HardwareProfile::name)
                                        .toList()) + ")"));
        try {
            return TwinSettings.DEFAULTS
                    .withListen(host, port)
                    .withReplicas(replicas)
                    .withModels(models)
                    .withProfile(hardware)
                    .withSpeedUp(speedUp)
                    .withStreamInterval(streamInterval)
                    .withFaults(faultPlan());
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private FaultPlan faultPlan() {
        try {
            return FaultPlan.parse(faults);
        } catch (IllegalArgumentException e) {
            throw usage("--faults: " + e.getMessage());
        }
    }

    private UsageException usage(String message) {
        return new UsageException(message);
    }

    private static TwinFleet start(TwinSettings settings) throws CommandFailure {
        try {
            return TwinFleet.start(settings);
        } catch (IOException e) {
            int last = settings.port() + settings.replicas() - 1;
            throw new CommandFailure("cannot listen on " + settings.host() + ":" + settings.port() + " to " + last
                    + ": " + e.getMessage() + " (choose others with --port)");
        }
    }
}
