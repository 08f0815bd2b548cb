package dev.warmgate.app.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Loads configurations; any thread. */
public final class ConfigLoader {
    private final Map<String, String> environment;

    /** Creates a loader that fills placeholders from the given environment. */
    public ConfigLoader(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * Returns the configuration of a file, with the command line's overrides.
     *
     * @throws ConfigException with everything that is wrong
     */
    public GatewayConfig load(Path file, Overrides overrides) throws ConfigException {
        String name = file.toString();
        var problems = new Problems();
        String text = "";
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            problems.add(new Origin.Line(name, 0), "", "cannot be read: " + reason(file, e));
        }
        problems.throwIfAny();
        return parse(name, text, overrides);
    }

    /**
     * Returns the configuration that the command line alone describes.
     *
     * @throws ConfigException with everything that is wrong
     */
    public GatewayConfig load(Overrides overrides) throws ConfigException {
        var nothing = new Node.Mapping(new Origin.Option(overrides.command(), "--endpoint"), new LinkedHashMap<>());
        return check(overrides.applyTo(nothing), new Problems());
    }

    /** Returns the configuration in a text; its name appears in messages. */
    GatewayConfig parse(String name, String text, Overrides overrides) throws ConfigException {
        var problems = new Problems();
        var tree = new YamlReader(name, problems).read(text);
        if (tree == null) {
            problems.throwIfAny();
            throw new IllegalStateException("no tree and no problem");
        }
        return check(overrides.applyTo(tree), problems);
    }

    private GatewayConfig check(Node tree, Problems problems) throws ConfigException {
        var config = new ConfigParser(environment, problems).parse(tree);
        problems.throwIfAny();
        return config;
    }

    private static String reason(Path file, IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case CharacterCodingException _ -> "not UTF-8 text";
            default -> Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
        };
    }
}
