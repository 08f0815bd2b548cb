package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.twin.demo.Demo;
import dev.warmgate.twin.demo.DemoGateway;
import dev.warmgate.twin.demo.DemoSettings;
import dev.warmgate.twin.demo.TwinFleets;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = "Compares routing policies in about a minute: simulated model servers, the gateway in front of"
                + " them and a real load, all over local sockets; shows it live and writes a report.")
final class DemoCommand implements Callable<Integer> {
    /** Any free port of this machine. */
    private static final String ANYWHERE = "127.0.0.1:0";

    /** Two more processes' worth of work, and each prompt four times on its way: less fits into a second. */
    private static final double ENVOY_SPEED_UP = 5;

    private static final Duration ENVOY_DURATION = Duration.ofSeconds(20);

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--policies",
            paramLabel = "NAME",
            split = ",",
            description = "Policies in the order they run (default: round-robin,warm, or those of --envoy).")
    private @Nullable List<String> policies;

    @Option(
            names = "--envoy",
            arity = "0..1",
            fallbackValue = "envoy",
            paramLabel = "PATH",
            description = "Puts Envoy before the servers: its own envoy-round-robin and envoy-least-request against"
                    + " Warmgate's picker under warm. Without PATH, envoy is looked for in the folders of PATH.")
    private @Nullable String envoy;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Simulated model servers (default: ${DEFAULT-VALUE}).")
    private int replicas = DemoSettings.DEFAULT_REPLICAS;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the load (default: ${DEFAULT-VALUE}).")
    private long seed = DemoSettings.DEFAULT_SEED;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Real time in which requests begin, for each policy; the last of them end later (default:"
                    + " 11, with --envoy 20).")
    private @Nullable Double seconds;

    @Option(
            names = "--speed-up",
            paramLabel = "X",
            description = "Seconds of model time in a second of real time (default: 20, with --envoy 5).")
    private @Nullable Double speedUp;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where to write the figures as JSON (default: nowhere).")
    private @Nullable Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Where to write the report (default: ${DEFAULT-VALUE}).")
    private Path html = DemoSettings.DEFAULT_HTML;

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws CommandFailure, InterruptedException {
        var settings = settings();
        DemoGateway.Factory gateways =
                envoy == null ? DemoCommand::gateway : new DemoEnvoy(DemoEnvoy.find(envoy, terminal.environment()));
        try (var view = Demo.view(settings, terminal.out())) {
            var comparison = new Demo(settings, new TwinFleets(), gateways, view).run();
            boolean failed = !comparison.failures().isEmpty();
            return failed ? Main.FAILED : 0;
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()));
        }
    }

    private DemoSettings settings() {
        var names = new ArrayList<>(Policies.names());
        var wanted = DemoSettings.DEFAULT_POLICIES;
        if (envoy != null) {
            names.addAll(EnvoyConfig.OWN_POLICIES);
            wanted = new ArrayList<>(EnvoyConfig.OWN_POLICIES);
            wanted.add(Policies.WARM);
        }
        wanted = policies == null ? wanted : policies;
        for (var policy : wanted) {
            if (!names.contains(policy)) {
                throw usage("--policies: \"" + policy + "\" (expected: " + String.join(", ", names) + ")");
            }
        }
        // Found out now rather than after a minute.
        OutputFiles.require(spec, "--html", html);
        OutputFiles.require(spec, "--json", json);
        try {
            var defaults = envoy == null ? DemoSettings.DEFAULT_DURATION : ENVOY_DURATION;
            var duration = seconds == null ? defaults : Duration.ofMillis(Math.round(seconds * 1e3));
            double speed = speedUp == null ? (envoy == null ? DemoSettings.DEFAULT_SPEED_UP : ENVOY_SPEED_UP) : speedUp;
            return new DemoSettings(wanted, replicas, seed, duration, speed, json, html);
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Starts a gateway as {@code serve} does, with nothing configured but its endpoints and policy. */
    private static DemoGateway gateway(String policy, List<URI> endpoints) throws IOException {
        var urls = endpoints.stream().map(URI::toString).toList();
        try {
            var config = new ConfigLoader(Map.of())
                    .load(new Overrides("warmgate demo", urls, ANYWHERE, ANYWHERE, policy, null));
            // What Warmgate is compared with does not let requests wait.
            var asKnown = policy.equals(Policies.WARM) ? config : config.withoutAdmission();
            return new Running(Gateway.start(asKnown, System.out));
        } catch (ConfigException e) {
            throw new IllegalStateException(String.join("; ", e.problems()), e);
        } catch (CommandFailure e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private record Running(Gateway gateway) implements DemoGateway {
        @Override
        public URI address() {
            return URI.create("http://" + Listening.show(gateway.httpAddress()));
        }

        @Override
        public void close() {
            gateway.close();
        }
    }
}
