package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
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

/** A comparison of policies that anyone can watch. */
final class DemoCommand implements Callable<Integer> {
    /** Any free port of this machine. */
    private static final String ANYWHERE = "127.0.0.1:0";

    /** Two more processes' worth of work, and each prompt four times on its way: less fits into a second. */
    private static final double ENVOY_SPEED_UP = 5;

    private static final Duration ENVOY_DURATION = Duration.ofSeconds(20);

    private static final Option POLICIES = Option.list(
            "--policies", "NAME", "Policies in the order they run (default: round-robin,warm, or those of --envoy).");
    private static final Option ENVOY = Option.optionalText(
            "--envoy",
            "PATH",
            "Puts Envoy before the servers: its own envoy-round-robin and envoy-least-request against"
                    + " Warmgate's picker under warm. Without PATH, envoy is looked for in the folders of PATH.");
    private static final Option REPLICAS = Option.whole(
            "--replicas", "N", "Simulated model servers (default: " + DemoSettings.DEFAULT_REPLICAS + ").");
    private static final Option SEED =
            Option.longWhole("--seed", "N", "Seed of the load (default: " + DemoSettings.DEFAULT_SEED + ").");
    private static final Option DURATION = Option.decimal(
            "--duration",
            "SECONDS",
            "Real time in which requests begin, for each policy; the last of them end later (default:"
                    + " 11, with --envoy 20).");
    private static final Option SPEED_UP = Option.decimal(
            "--speed-up", "X", "Seconds of model time in a second of real time (default: 20, with --envoy 5).");
    private static final Option JSON =
            Option.text("--json", "FILE", "Where to write the figures as JSON (default: nowhere).");
    private static final Option HTML =
            Option.text("--html", "FILE", "Where to write the report (default: " + DemoSettings.DEFAULT_HTML + ").");

    static final CommandSpec SPEC = CommandSpec.of(
            "demo",
            "Compares routing policies in about a minute: simulated model servers, the gateway in front of"
                    + " them and a real load, all over local sockets; shows it live and writes a report.",
            List.of(POLICIES, ENVOY, REPLICAS, SEED, DURATION, SPEED_UP, JSON, HTML));

    private final Terminal terminal;
    private final @Nullable List<String> policies;
    private final @Nullable String envoy;
    private final int replicas;
    private final long seed;
    private final @Nullable Double seconds;
    private final @Nullable Double speedUp;
    private final @Nullable Path json;
    private final Path html;

    DemoCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        policies = given.has(POLICIES) ? given.texts(POLICIES) : null;
        envoy = program(given.text(ENVOY));
        replicas = given.whole(REPLICAS, DemoSettings.DEFAULT_REPLICAS);
        seed = given.longWhole(SEED, DemoSettings.DEFAULT_SEED);
        seconds = given.decimal(DURATION);
        speedUp = given.decimal(SPEED_UP);
        json = given.path(JSON);
        html = given.path(HTML, DemoSettings.DEFAULT_HTML);
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

    private static @Nullable String program(@Nullable String given) {
        return given != null && given.isEmpty() ? "envoy" : given;
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
        OutputFiles.require("--html", html);
        OutputFiles.require("--json", json);
        try {
            var defaults = envoy == null ? DemoSettings.DEFAULT_DURATION : ENVOY_DURATION;
            var duration = seconds == null ? defaults : Duration.ofMillis(Math.round(seconds * 1e3));
            double speed = speedUp == null ? (envoy == null ? DemoSettings.DEFAULT_SPEED_UP : ENVOY_SPEED_UP) : speedUp;
            return new DemoSettings(wanted, replicas, seed, duration, speed, json, html);
        } catch (IllegalArgumentException e) {
            throw usage("--" + e.getMessage());
        }
    }

    private UsageException usage(String message) {
        return new UsageException(message);
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
