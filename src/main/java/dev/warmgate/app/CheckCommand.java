package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "check", description = "Checks a configuration file and starts nothing.")
final class CheckCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", description = "The YAML file; see docs/configuration.md.")
    private Path file;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ConfigException {
        var config = new ConfigLoader(terminal.environment()).load(file, Overrides.NONE);
        terminal.out().println(file + ": OK: " + config.summary());
        return 0;
    }
}
