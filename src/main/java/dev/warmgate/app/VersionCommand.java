package dev.warmgate.app;

import dev.warmgate.app.arguments.CommandSpec;
import java.util.List;
import java.util.concurrent.Callable;

/** The version. */
final class VersionCommand implements Callable<Integer> {
    static final CommandSpec SPEC = CommandSpec.of("version", "Prints the version.", List.of());

    private final Terminal terminal;

    VersionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Returns the version that this program was built as. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    @Override
    public Integer call() {
        terminal.out().println("warmgate " + version() + ", Java " + Runtime.version());
        return 0;
    }
}
