package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.app.epp.EndpointPickerConfig;
import dev.warmgate.app.epp.EndpointPickerConfigs;
import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "picker",
        description = "Tells gateways built on Envoy which endpoint each request goes to, until SIGTERM or ctrl-C. The"
                + " gateways keep the connections; see docs/picker.md.",
        footer = {
            "",
            "Examples:",
            "  warmgate picker --listen 127.0.0.1:9002 --endpoints-file endpoints.yaml",
            "  warmgate picker --config gateway.yaml",
            "  warmgate picker --endpoints-file endpoints.yaml --endpoint-picker-config epp.yaml",
            "  warmgate picker --explain-config epp.yaml",
            "serve opens the same door beside its own if the file has a section picker."
        })
final class PickerCommand implements Callable<Integer> {
    private static final List<String> TLS_KINDS = List.of("off", "self-signed");

    private final Terminal terminal;

    @Option(
            names = "--endpoints-file",
            paramLabel = "FILE",
            description =
                    "A YAML or JSON file with a list endpoints of name, address and port; followed as it changes.")
    private @Nullable Path endpoints;

    @Option(names = "--config", paramLabel = "FILE", description = "A YAML file; the options below replace its values.")
    private @Nullable Path file;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where gateways connect; 127.0.0.1:9002 unless configured.")
    private @Nullable String listen;

    @Option(
            names = "--health",
            paramLabel = "HOST:PORT",
            description = "Where probes ask for health too; only where gateways connect unless configured.")
    private @Nullable String health;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where metrics and health are; 127.0.0.1:9090 unless configured.")
    private @Nullable String admin;

    @Option(
            names = "--fallbacks",
            paramLabel = "N",
            description = "Endpoints named besides the chosen one, 0 to 8; 0 unless configured.")
    private @Nullable String fallbacks;

    @Option(
            names = "--tls",
            paramLabel = "KIND",
            description = "What gateways must speak: off (plain gRPC, unless configured) or self-signed (TLS with a"
                    + " certificate made at the start). A certificate from files: picker.tls in the file.")
    private @Nullable String tls;

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            description = "How endpoints are chosen: warm (default), round-robin, least-requests, weighted,"
                    + " power-of-two, random, session-hash, or epp:FILE.")
    private @Nullable String policy;

    @Option(
            names = "--endpoint-picker-config",
            paramLabel = "FILE",
            description = "How endpoints are chosen, as a file of kind EndpointPickerConfig says; the same as --policy"
                    + " epp:FILE. Followed as it changes.")
    private @Nullable Path pickerConfig;

    @Option(
            names = "--explain-config",
            paramLabel = "FILE",
            description = "Says what a file of kind EndpointPickerConfig means here, and starts nothing.")
    private @Nullable Path explained;

    @Option(
            names = "--access-log",
            paramLabel = "FORMAT",
            description = "One line for each request on the output stream: off (default), text, json.")
    private @Nullable String accessLog;

    @Spec
    private CommandSpec spec;

    PickerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ConfigException, CommandFailure, InterruptedException {
        if (explained != null) {
            return explain(explained);
        }
        if (policy != null && pickerConfig != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--policy and --endpoint-picker-config exclude each other: both say how endpoints are chosen");
        }
        if (pickerConfig != null) {
            var _ = read(pickerConfig); // says what is wrong with it under its own name
        }
        if ((file == null) == (endpoints == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    file == null
                            ? "no endpoints: give --endpoints-file FILE or --config FILE"
                            : "--endpoints-file and --config exclude each other: pools[].discovery.file belongs into"
                                    + " the file");
        }
        if (tls != null && !TLS_KINDS.contains(tls)) {
            throw new ParameterException(
                    spec.commandLine(), "--tls: \"" + tls + "\" (expected: " + String.join(" or ", TLS_KINDS) + ")");
        }
        var loader = new ConfigLoader(terminal.environment());
        var overrides = new Overrides(spec.qualifiedName(), List.of(), null, admin, policy(), accessLog)
                .withPicker(new Overrides.OfPicker(
                        endpoints == null ? null : endpoints.toString(),
                        listen,
                        health,
                        fallbacks,
                        tls == null ? null : tls.equals("self-signed")));
        var config = file == null ? ConfigFile.ofOptions(loader, overrides) : new ConfigFile(loader, file, overrides);
        var loaded = config == null ? new ConfigFile.Loaded(loader.load(overrides), "") : config.load();
        new Service(terminal, () -> {}).run(loaded, config, Doors.Which.PICKER);
        return 0;
    }

    private @Nullable String policy() {
        return pickerConfig == null ? policy : "epp:" + pickerConfig;
    }

    private int explain(Path path) throws ConfigException {
        read(path).explanation().forEach(terminal.out()::println);
        return 0;
    }

    private static EndpointPickerConfig read(Path path) throws ConfigException {
        return switch (EndpointPickerConfigs.read(path)) {
            case Result.Good(var config) -> config;
            case Result.Bad(var problems) -> throw new ConfigException(problems);
        };
    }
}
