package dev.warmgate.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Callable<Integer> {
    private final Terminal terminal;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        String version = Main.class.getPackage().getImplementationVersion();
        terminal.out()
                .println(
                        "warmgate " + (version == null ? "(not from a jar)" : version) + ", Java " + Runtime.version());
        return 0;
    }
}
