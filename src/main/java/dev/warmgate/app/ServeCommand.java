package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The gateway. */
final class ServeCommand implements Callable<Integer> {
    private static final Option ENDPOINT =
            Option.repeated("--endpoint", "URL", "A model server, such as http://127.0.0.1:8001; repeatable.");
    private static final Option CONFIG =
            Option.text("--config", "FILE", "A YAML file; the options below replace its values.");
    private static final Option LISTEN =
            Option.text("--listen", "HOST:PORT", "Where clients connect; 127.0.0.1:8080 unless configured.");
    private static final Option ADMIN =
            Option.text("--admin", "HOST:PORT", "Where metrics and health are; 127.0.0.1:9090 unless configured.");
    private static final Option POLICY = Option.text(
            "--policy",
            "NAME",
            "How endpoints are chosen: warm (default), round-robin, least-requests, weighted,"
                    + " power-of-two, random, session-hash.");
    private static final Option ACCESS_LOG = Option.text(
            "--access-log", "FORMAT", "One line for each request on the output stream: off (default), text, json.");

    static final CommandSpec SPEC = CommandSpec.of(
            "serve",
            "Runs the gateway until SIGTERM or ctrl-C, then lets requests in flight finish; a second signal"
                    + " ends at once. Takes the configuration file over again when it changes, on SIGHUP, and on POST"
                    + " /admin/reload.",
            List.of(ENDPOINT, CONFIG, LISTEN, ADMIN, POLICY, ACCESS_LOG),
            "",
            "Examples:",
            "  warmgate serve --endpoint http://127.0.0.1:8001 --endpoint http://127.0.0.1:8002",
            "  warmgate serve --config gateway.yaml --listen 0.0.0.0:8080",
            "Every key of the file: docs/configuration.md.");

    private final Terminal terminal;
    private final List<String> endpoints;
    private final @Nullable Path file;
    private final @Nullable String http;
    private final @Nullable String admin;
    private final @Nullable String policy;
    private final @Nullable String accessLog;
    private final WarmUp warmUp;

    ServeCommand(Terminal terminal, WarmUp warmUp, Arguments given) {
        this.terminal = terminal;
        this.warmUp = warmUp;
        endpoints = given.texts(ENDPOINT);
        file = given.path(CONFIG);
        http = given.text(LISTEN);
        admin = given.text(ADMIN);
        policy = given.text(POLICY);
        accessLog = given.text(ACCESS_LOG);
    }

    @Override
    public Integer call() throws ConfigException, CommandFailure, InterruptedException {
        var file = file();
        var loaded = file == null ? new ConfigFile.Loaded(loader().load(overrides()), "") : file.load();
        new Service(terminal, warmUp(loaded)).run(loaded, file, Doors.Which.CONFIGURED);
        return 0;
    }

    private Runnable warmUp(ConfigFile.Loaded loaded) {
        if (loaded.config().picker() == null) {
            return warmUp::finish;
        }
        var ofGateways = WarmUp.ofGateways();
        ofGateways.begin();
        return () -> {
            warmUp.finish();
            ofGateways.finish();
        };
    }

    private ConfigLoader loader() {
        return new ConfigLoader(terminal.environment());
    }

    private Overrides overrides() {
        return new Overrides(SPEC.qualifiedName(), endpoints, http, admin, policy, accessLog);
    }

    /** Returns the configuration file, or null if the options say everything. */
    private @Nullable ConfigFile file() {
        if (file != null && !endpoints.isEmpty()) {
            throw new UsageException("--endpoint and --config exclude each other: endpoints belong into the file");
        }
        if (file == null && endpoints.isEmpty()) {
            throw new UsageException("no endpoints: give --endpoint http://HOST:PORT, repeatable, or --config FILE");
        }
        return file == null ? ConfigFile.ofOptions(loader(), overrides()) : new ConfigFile(loader(), file, overrides());
    }
}
