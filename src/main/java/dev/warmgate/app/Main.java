package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.twin.workload.TraceException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code warmgate}. */
public final class Main {
    /** It could not be done. */
    static final int FAILED = 1;

    /** It was asked wrongly. */
    static final int USAGE = 2;

    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        followNoBuffers();
        var warmUp = new WarmUp();
        if (args.length > 0 && args[0].equals("serve")) {
            warmUp.begin();
        }
        System.exit(run(new Terminal(System.in, System.out, System.err, System.getenv()), warmUp, args));
    }

    /**
     * Netty follows one buffer of 128 to find leaks, which is for developers and takes a tenth of the processor time of a
     * request. The tests follow every buffer.
     */
    private static void followNoBuffers() {
        if (System.getProperty(LEAK_DETECTION) == null) {
            System.setProperty(LEAK_DETECTION, "disabled");
        }
    }

    /** Returns all commands, in the order of the help. */
    private static List<Object> commands(Terminal terminal, WarmUp warmUp) {
        return List.of(
                new ServeCommand(terminal, warmUp),
                new PickerCommand(terminal),
                new CheckCommand(terminal),
                new HashKeyCommand(terminal),
                new DemoCommand(terminal),
                new SimulateCommand(terminal),
                new BenchCommand(terminal),
                new TwinCommand(terminal),
                new VersionCommand(terminal));
    }

    /** Returns the command that is asked for, or all: reading what each of them takes is a third of the time of a start. */
    private static List<Object> asked(List<Object> commands, String... args) {
        return commands.stream()
                .filter(command -> args.length > 0
                        && command.getClass()
                                .getAnnotation(Command.class)
                                .name()
                                .equals(args[0]))
                .findFirst()
                .map(List::of)
                .orElse(commands);
    }

    static int run(Terminal terminal, String... args) {
        return run(terminal, new WarmUp(), args);
    }

    private static int run(Terminal terminal, WarmUp warmUp, String... args) {
        var line = new CommandLine(new Root());
        asked(commands(terminal, warmUp), args).forEach(line::addSubcommand);
        addHelp(line);
        line.getSubcommands().values().forEach(Main::addHelp);
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setUsageHelpAutoWidth(false)
                .setAbbreviatedOptionsAllowed(false)
                .setParameterExceptionHandler((wrong, _) -> usageError(terminal, wrong))
                .setExecutionExceptionHandler((thrown, command, _) -> failure(terminal, thrown, command));
        return line.execute(args);
    }

    private static void addHelp(CommandLine line) {
        line.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help.")
                        .build());
    }

    /** One line: which command, what is wrong, what is meant instead. */
    private static int usageError(Terminal terminal, ParameterException wrong) {
        var spec = wrong.getCommandLine().getCommandSpec();
        String message = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong arguments");
        String hint = "see " + spec.qualifiedName() + " --help";
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            boolean option = first.startsWith("-");
            message =
                    (option ? "unknown option: " : spec.parent() == null ? "unknown command: " : "too much: ") + first;
            var near = unmatched.getSuggestions();
            hint = near.isEmpty() ? hint : "did you mean " + near.getFirst() + "? " + hint;
        }
        String sentence = message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
        terminal.err().println(spec.qualifiedName() + ": " + sentence + " (" + hint + ")");
        return USAGE;
    }

    private static int failure(Terminal terminal, Exception thrown, CommandLine command) {
        return switch (thrown) {
            case ConfigException wrong -> {
                wrong.problems().forEach(terminal.err()::println);
                yield USAGE;
            }
            case TraceException wrong -> {
                terminal.err().println(command.getCommandSpec().qualifiedName() + ": " + wrong.getMessage());
                yield USAGE;
            }
            case CommandFailure expected -> {
                terminal.err().println(command.getCommandSpec().qualifiedName() + ": " + expected.getMessage());
                yield FAILED;
            }
            default -> {
                terminal.err().println("warmgate: internal error, please report it with the lines below");
                thrown.printStackTrace(terminal.err());
                yield FAILED;
            }
        };
    }

    @Command(
            name = "warmgate",
            description = "An inference gateway that sends every request to the model server whose KV cache is warm.",
            synopsisSubcommandLabel = "COMMAND",
            usageHelpWidth = 100,
            footer = {
                "",
                "Start here: warmgate serve --endpoint http://127.0.0.1:8001 --endpoint http://127.0.0.1:8002",
                "Exit codes: 0 done, 1 it could not be done, 2 it was asked wrongly."
            })
    private static final class Root implements Runnable {

        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "Which command?");
        }
    }
}
