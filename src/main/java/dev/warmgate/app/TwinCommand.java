package dev.warmgate.app;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.fault.FaultPlan;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "twin",
        description = "Runs simulated model servers that speak vLLM's HTTP, one per port, until it is stopped.")
final class TwinCommand implements Callable<Integer> {
    private static final int FIRST_PORT = 8001;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(names = "--replicas", paramLabel = "N", description = "Servers to run (default: ${DEFAULT-VALUE}).")
    private int replicas = TwinSettings.DEFAULTS.replicas();

    @Option(
            names = "--port",
            paramLabel = "FIRST",
            description = "Port of the first server, the others follow (default: ${DEFAULT-VALUE}).")
    private int port = FIRST_PORT;

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = TwinSettings.DEFAULTS.host();

    @Option(
            names = "--model",
            paramLabel = "NAME",
            split = ",",
            description = "Model names the servers answer to (default: qwen3-32b).")
    private List<String> models = TwinSettings.DEFAULTS.models();

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Hardware of a server: qwen3-32b-tp2-h100, llama-3.1-70b-tp4-h100 or llama-3.1-8b-h100"
                    + " (default: ${DEFAULT-VALUE}).")
    private String profile = TwinSettings.DEFAULTS.profile().name();

    @Option(
            names = "--speed-up",
            paramLabel = "X",
            description = "Seconds of model time in a second of real time (default: ${DEFAULT-VALUE}).")
    private double speedUp = TwinSettings.DEFAULTS.speedUp();

    @Option(
            names = "--stream-interval",
            paramLabel = "N",
            description = "Tokens per streamed event, as in vLLM (default: ${DEFAULT-VALUE}).")
    private int streamInterval = TwinSettings.DEFAULTS.streamInterval();

    @Option(
            names = "--faults",
            paramLabel = "PLAN",
            description = "What goes wrong and how often, for example reset-mid=0.01,vanish=1x,seed=7"
                    + " (default: nothing). See docs/failures.md.")
    private String faults = "";

    TwinCommand(Terminal terminal) {
        this.terminal = terminal;
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

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
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
