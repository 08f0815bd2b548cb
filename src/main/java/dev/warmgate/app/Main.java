package dev.warmgate.app;

import static java.util.Objects.requireNonNull;

import dev.warmgate.app.arguments.ArgumentParser;
import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.HelpText;
import dev.warmgate.app.arguments.UsageException;
import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.log.LogProvider;
import dev.warmgate.app.text.NearestName;
import dev.warmgate.twin.workload.TraceException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The program {@code warmgate}. */
public final class Main {
    /** It could not be done. */
    static final int FAILED = 1;

    /** It was asked wrongly. */
    static final int USAGE = 2;

    /** In the order of the help. */
    private static final List<String> COMMANDS =
            List.of("serve", "picker", "check", "hash-key", "demo", "simulate", "bench", "twin", "version");

    /** Those of them whose start must be short. */
    private static final Set<String> SERVING = Set.of("serve", "picker");

    private static final String DESCRIPTION =
            "An inference gateway that sends every request to the model server whose KV cache is warm.";

    private static final List<String> FOOTER = List.of(
            "",
            "Start here: warmgate serve --endpoint http://127.0.0.1:8001 --endpoint http://127.0.0.1:8002",
            "Exit codes: 0 done, 1 it could not be done, 2 it was asked wrongly.");

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        setLibraries();
        var warmUp = warmUp(args);
        if (SERVING.contains(args.length == 0 ? "" : args[0])) {
            warmUp.begin();
        }
        System.exit(run(new Terminal(System.in, System.out, System.err, System.getenv()), warmUp, args));
    }

    /**
     * Sets what libraries do unless told otherwise. Netty follows one buffer of 128 to find leaks, which is for developers
     * and takes a tenth of the processor time of a request; the tests follow every buffer. It tells the flight recorder of
     * each buffer, whose start is a fifth of the program's. SLF4J looks through all libraries for a log,
     * and says so where it is told which; the JDK does for another kind of sockets, which Netty asks for even where it uses
     * none of them.
     */
    private static void setLibraries() {
        unlessSet("io.netty.leakDetection.level", "disabled");
        unlessSet("io.netty.jfr.enabled", "false");
        unlessSet("slf4j.provider", LogProvider.class.getName());
        unlessSet("slf4j.internal.verbosity", "WARN");
        if ("Linux".equals(System.getProperty("os.name"))) {
            unlessSet("java.nio.channels.spi.SelectorProvider", "sun.nio.ch.EPollSelectorProvider");
        }
    }

    private static void unlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    static int run(Terminal terminal, String... args) {
        return run(terminal, warmUp(args), args);
    }

    /** Returns what a command that serves does before it is ready. */
    private static WarmUp warmUp(String... args) {
        return args.length > 0 && args[0].equals("picker") ? WarmUp.ofGateways() : WarmUp.ofClients();
    }

    private static int run(Terminal terminal, WarmUp warmUp, String... args) {
        var spec = args.length == 0 ? null : spec(args[0]);
        if (spec == null) {
            return withoutCommand(terminal, args);
        }
        try {
            var given = ArgumentParser.parse(spec, List.of(args).subList(1, args.length));
            if (given.help()) {
                HelpText.of(spec).forEach(terminal.out()::println);
                return 0;
            }
            return command(spec.name(), terminal, warmUp, given).call();
        } catch (UsageException e) {
            terminal.err().println(e.line(spec.qualifiedName()));
            return USAGE;
        } catch (Exception e) {
            return failure(terminal, e, spec);
        }
    }

    /** Only what is asked for is made: reading what each command takes would be a good part of a start. */
    private static @Nullable CommandSpec spec(String name) {
        return switch (name) {
            case "serve" -> ServeCommand.SPEC;
            case "picker" -> PickerCommand.SPEC;
            case "check" -> CheckCommand.SPEC;
            case "hash-key" -> HashKeyCommand.SPEC;
            case "demo" -> DemoCommand.SPEC;
            case "simulate" -> SimulateCommand.SPEC;
            case "bench" -> BenchCommand.SPEC;
            case "twin" -> TwinCommand.SPEC;
            case "version" -> VersionCommand.SPEC;
            default -> null;
        };
    }

    private static Callable<Integer> command(String name, Terminal terminal, WarmUp warmUp, Arguments given) {
        return switch (name) {
            case "serve" -> new ServeCommand(terminal, warmUp, given);
            case "picker" -> new PickerCommand(terminal, warmUp, given);
            case "check" -> new CheckCommand(terminal, given);
            case "hash-key" -> new HashKeyCommand(terminal, given);
            case "demo" -> new DemoCommand(terminal, given);
            case "simulate" -> new SimulateCommand(terminal, given);
            case "bench" -> new BenchCommand(terminal, given);
            case "twin" -> new TwinCommand(terminal, given);
            case "version" -> new VersionCommand(terminal);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int withoutCommand(Terminal terminal, String... args) {
        String first = args.length == 0 ? "" : args[0];
        if (first.equals("-h") || first.equals("--help")) {
            var specs = COMMANDS.stream()
                    .map(name -> requireNonNull(spec(name), name))
                    .toList();
            HelpText.of(DESCRIPTION, specs, FOOTER).forEach(terminal.out()::println);
            return 0;
        }
        var wrong = args.length == 0
                ? new UsageException("which command?")
                : UsageException.unknown(
                        first.startsWith("-") ? "option" : "command", first, NearestName.of(first, COMMANDS));
        terminal.err().println(wrong.line("warmgate"));
        return USAGE;
    }

    private static int failure(Terminal terminal, Exception thrown, CommandSpec command) {
        return switch (thrown) {
            case ConfigException wrong -> {
                wrong.problems().forEach(terminal.err()::println);
                yield USAGE;
            }
            case TraceException wrong -> {
                terminal.err().println(command.qualifiedName() + ": " + wrong.getMessage());
                yield USAGE;
            }
            case CommandFailure expected -> {
                terminal.err().println(command.qualifiedName() + ": " + expected.getMessage());
                yield FAILED;
            }
            default -> {
                terminal.err().println("warmgate: internal error, please report it with the lines below");
                thrown.printStackTrace(terminal.err());
                yield FAILED;
            }
        };
    }
}
