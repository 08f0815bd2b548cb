package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description = "Runs the gateway until SIGTERM or ctrl-C, then lets requests in flight finish; a second signal"
                + " ends at once. Takes the configuration file over again when it changes, on SIGHUP, and on POST"
                + " /admin/reload.",
        footer = {
            "",
            "Examples:",
            "  warmgate serve --endpoint http://127.0.0.1:8001 --endpoint http://127.0.0.1:8002",
            "  warmgate serve --config gateway.yaml --listen 0.0.0.0:8080",
            "Every key of the file: docs/configuration.md."
        })
final class ServeCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final WarmUp warmUp;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "A model server, such as http://127.0.0.1:8001; repeatable.")
    private List<String> endpoints = new ArrayList<>();

    @Option(names = "--config", paramLabel = "FILE", description = "A YAML file; the options below replace its values.")
    private @Nullable Path file;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where clients connect; 127.0.0.1:8080 unless configured.")
    private @Nullable String http;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where metrics and health are; 127.0.0.1:9090 unless configured.")
    private @Nullable String admin;

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            description = "How endpoints are chosen: warm (default), round-robin, least-requests, weighted,"
                    + " power-of-two, random, session-hash.")
    private @Nullable String policy;

    @Option(
            names = "--access-log",
            paramLabel = "FORMAT",
            description = "One line for each request on the output stream: off (default), text, json.")
    private @Nullable String accessLog;

    @Spec
    private CommandSpec spec;

    ServeCommand(Terminal terminal, WarmUp warmUp) {
        this.terminal = terminal;
        this.warmUp = warmUp;
    }

    @Override
    public Integer call() throws ConfigException, CommandFailure, InterruptedException {
        var file = file();
        var loaded = file == null ? new ConfigFile.Loaded(loader().load(overrides()), "") : file.load();
        new Service(terminal, warmUp::finish).run(loaded, file, Doors.Which.CONFIGURED);
        return 0;
    }

    private ConfigLoader loader() {
        return new ConfigLoader(terminal.environment());
    }

    private Overrides overrides() {
        return new Overrides(spec.qualifiedName(), endpoints, http, admin, policy, accessLog);
    }

    /** Returns the configuration file, or null if the options say everything. */
    private @Nullable ConfigFile file() {
        if (file != null && !endpoints.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--endpoint and --config exclude each other: endpoints belong into the file");
        }
        if (file == null && endpoints.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "no endpoints: give --endpoint http://HOST:PORT, repeatable, or --config FILE");
        }
        return file == null ? ConfigFile.ofOptions(loader(), overrides()) : new ConfigFile(loader(), file, overrides());
    }
}
