package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.app.arguments.UsageException;
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

/** The gateway with only the door for gateways that ask. */
final class PickerCommand implements Callable<Integer> {
    private static final List<String> TLS_KINDS = List.of("off", "self-signed");

    private static final Option ENDPOINTS_FILE = Option.text(
            "--endpoints-file",
            "FILE",
            "A YAML or JSON file with a list endpoints of name, address and port; followed as it changes.");
    private static final Option CONFIG =
            Option.text("--config", "FILE", "A YAML file; the options below replace its values.");
    private static final Option LISTEN =
            Option.text("--listen", "HOST:PORT", "Where gateways connect; 127.0.0.1:9002 unless configured.");
    private static final Option HEALTH = Option.text(
            "--health", "HOST:PORT", "Where probes ask for health too; only where gateways connect unless configured.");
    private static final Option ADMIN =
            Option.text("--admin", "HOST:PORT", "Where metrics and health are; 127.0.0.1:9090 unless configured.");
    private static final Option FALLBACKS =
            Option.text("--fallbacks", "N", "Endpoints named besides the chosen one, 0 to 8; 0 unless configured.");
    private static final Option TLS = Option.text(
            "--tls",
            "KIND",
            "What gateways must speak: off (plain gRPC, unless configured) or self-signed (TLS with a"
                    + " certificate made at the start). A certificate from files: picker.tls in the file.");
    private static final Option POLICY = Option.text(
            "--policy",
            "NAME",
            "How endpoints are chosen: warm (default), round-robin, least-requests, weighted,"
                    + " power-of-two, random, session-hash, or epp:FILE.");
    private static final Option ENDPOINT_PICKER_CONFIG = Option.text(
            "--endpoint-picker-config",
            "FILE",
            "How endpoints are chosen, as a file of kind EndpointPickerConfig says; the same as --policy"
                    + " epp:FILE. Followed as it changes.");
    private static final Option EXPLAIN_CONFIG = Option.text(
            "--explain-config",
            "FILE",
            "Says what a file of kind EndpointPickerConfig means here, and starts nothing.");
    private static final Option ACCESS_LOG = Option.text(
            "--access-log", "FORMAT", "One line for each request on the output stream: off (default), text, json.");

    static final CommandSpec SPEC = CommandSpec.of(
            "picker",
            "Tells gateways built on Envoy which endpoint each request goes to, until SIGTERM or ctrl-C. The"
                    + " gateways keep the connections; see docs/picker.md.",
            List.of(
                    ENDPOINTS_FILE,
                    CONFIG,
                    LISTEN,
                    HEALTH,
                    ADMIN,
                    FALLBACKS,
                    TLS,
                    POLICY,
                    ENDPOINT_PICKER_CONFIG,
                    EXPLAIN_CONFIG,
                    ACCESS_LOG),
            "",
            "Examples:",
            "  warmgate picker --listen 127.0.0.1:9002 --endpoints-file endpoints.yaml",
            "  warmgate picker --config gateway.yaml",
            "  warmgate picker --endpoints-file endpoints.yaml --endpoint-picker-config epp.yaml",
            "  warmgate picker --explain-config epp.yaml",
            "serve opens the same door beside its own if the file has a section picker.");

    private final Terminal terminal;
    private final @Nullable Path endpoints;
    private final @Nullable Path file;
    private final @Nullable String listen;
    private final @Nullable String health;
    private final @Nullable String admin;
    private final @Nullable String fallbacks;
    private final @Nullable String tls;
    private final @Nullable String policy;
    private final @Nullable Path pickerConfig;
    private final @Nullable Path explained;
    private final @Nullable String accessLog;
    private final WarmUp warmUp;

    PickerCommand(Terminal terminal, WarmUp warmUp, Arguments given) {
        this.terminal = terminal;
        this.warmUp = warmUp;
        endpoints = given.path(ENDPOINTS_FILE);
        file = given.path(CONFIG);
        listen = given.text(LISTEN);
        health = given.text(HEALTH);
        admin = given.text(ADMIN);
        fallbacks = given.text(FALLBACKS);
        tls = given.text(TLS);
        policy = given.text(POLICY);
        pickerConfig = given.path(ENDPOINT_PICKER_CONFIG);
        explained = given.path(EXPLAIN_CONFIG);
        accessLog = given.text(ACCESS_LOG);
    }

    @Override
    public Integer call() throws ConfigException, CommandFailure, InterruptedException {
        if (explained != null) {
            return explain(explained);
        }
        if (policy != null && pickerConfig != null) {
            throw new UsageException(
                    "--policy and --endpoint-picker-config exclude each other: both say how endpoints are chosen");
        }
        if (pickerConfig != null) {
            var _ = read(pickerConfig); // says what is wrong with it under its own name
        }
        if ((file == null) == (endpoints == null)) {
            throw new UsageException(
                    file == null
                            ? "no endpoints: give --endpoints-file FILE or --config FILE"
                            : "--endpoints-file and --config exclude each other: pools[].discovery.file belongs into"
                                    + " the file");
        }
        if (tls != null && !TLS_KINDS.contains(tls)) {
            throw new UsageException("--tls: \"" + tls + "\" (expected: " + String.join(" or ", TLS_KINDS) + ")");
        }
        var loader = new ConfigLoader(terminal.environment());
        var overrides = new Overrides(SPEC.qualifiedName(), List.of(), null, admin, policy(), accessLog)
                .withPicker(new Overrides.OfPicker(
                        endpoints == null ? null : endpoints.toString(),
                        listen,
                        health,
                        fallbacks,
                        tls == null ? null : tls.equals("self-signed")));
        var config = file == null ? ConfigFile.ofOptions(loader, overrides) : new ConfigFile(loader, file, overrides);
        var loaded = config == null ? new ConfigFile.Loaded(loader.load(overrides), "") : config.load();
        new Service(terminal, warmUp::finish).run(loaded, config, Doors.Which.PICKER);
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
