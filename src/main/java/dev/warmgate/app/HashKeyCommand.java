package dev.warmgate.app;

import dev.warmgate.app.arguments.Arguments;
import dev.warmgate.app.arguments.CommandSpec;
import dev.warmgate.app.arguments.Option;
import dev.warmgate.router.tenancy.ApiKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;

/** A digest of an API key for a configuration. */
final class HashKeyCommand implements Callable<Integer> {
    /** 192 bits: nobody guesses that. */
    private static final int RANDOM_BYTES = 24;

    private static final Option NEW = Option.flag("--new", "Makes a key, and prints it before its digest.");

    static final CommandSpec SPEC = CommandSpec.of(
            "hash-key",
            "Reads an API key from the input stream and prints its digest for tenants[].keys of a configuration.",
            List.of(NEW),
            "",
            "Examples:",
            "  printf %s \"$KEY\" | warmgate hash-key",
            "  warmgate hash-key --new    makes a key: first line the key, second line its digest");

    private final Terminal terminal;
    private final boolean make;

    HashKeyCommand(Terminal terminal, Arguments given) {
        this.terminal = terminal;
        make = given.has(NEW);
    }

    /** A key is read from a stream, since arguments are seen by every user of the machine and kept by shells. */
    @Override
    public Integer call() throws IOException, CommandFailure {
        String text = make ? random() : read();
        var key = ApiKey.parse(text);
        if (key == null || text.startsWith(ApiKey.DIGEST_PREFIX)) {
            throw new CommandFailure("no key on the input stream (expected: one line of " + ApiKey.SHORTEST
                    + " to 4096 visible ASCII" + " characters)");
        }
        if (make) {
            terminal.out().println(text);
        }
        terminal.out().println(key.digest());
        return 0;
    }

    private String read() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        return line == null ? "" : line.strip();
    }

    private static String random() {
        var bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return "sk-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
