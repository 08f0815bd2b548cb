package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.EndpointsFile;
import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.engine.discovery.Reading;
import dev.warmgate.engine.discovery.SourceSpec;
import dev.warmgate.files.FileContent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** What is wrong with a configuration. */
final class CheckCommand implements Callable<Integer> {
    static final CommandSpec SPEC = new CommandSpec(
            "check",
            "Checks a configuration file, and the files of endpoints and of kind EndpointPickerConfig that it"
                    + " names, and starts nothing.",
            new CommandSpec.Parameter("FILE", "The YAML file; see docs/configuration.md."),
            List.of(),
            true,
            List.of());

    private final Terminal terminal;
    private final Path file;

    CheckCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        file = Path.of(given.parameter());
    }

    @Override
    public Integer call() throws ConfigException {
        var config = new ConfigLoader(terminal.environment()).load(file, Overrides.NONE);
        terminal.out().println(file + ": OK: " + config.summary());
        for (var pool : config.pools()) {
            if (pool.chain() != null) {
                terminal.out().println(pool.chain().explanation().getFirst());
                pool.chain().warnings().forEach(warning -> terminal.out().println("  " + warning));
            }
        }
        checkEndpointFiles(config);
        return 0;
    }

    /** A running gateway bears mistakes in these files; who checks wants to know. */
    private void checkEndpointFiles(GatewayConfig config) throws ConfigException {
        var problems = new ArrayList<String>();
        for (var pool : config.pools()) {
            for (var source : pool.sources()) {
                if (source instanceof SourceSpec.OfFile list) {
                    checkEndpointFile(list.file(), problems);
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private void checkEndpointFile(Path path, List<String> problems) {
        switch (FileContent.read(path)) {
            case FileContent.Unreadable(var reason) -> problems.add(path + ": cannot be read: " + reason);
            case FileContent.Text(var text) -> {
                switch (new EndpointsFile(path.toString()).parse(text)) {
                    case Reading.Failed(var reason) -> problems.add(reason);
                    case Reading.Good(var endpoints, var wrong) -> {
                        problems.addAll(wrong);
                        terminal.out().println(path + ": " + endpoints.size() + " endpoints");
                    }
                }
            }
        }
    }
}
