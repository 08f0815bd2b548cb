package dev.warmgate.app.config;

import dev.warmgate.files.FileContent;
import java.nio.file.Path;
import java.util.List;

/**
 * A configuration file with the options that replace some of it: what can be read again. Immutable; any thread.
 *
 * @param path the file as the user named it
 */
public record ConfigFile(ConfigLoader loader, Path path, Overrides overrides) {
    /**
     * What a file said when it was read.
     *
     * @param text the file's content; may hold secrets
     */
    public record Loaded(GatewayConfig config, String text) {
        @Override
        public String toString() {
            return "Loaded[" + config.summary() + "]";
        }
    }

    /** Reads the file. */
    public FileContent read() {
        return FileContent.read(path);
    }

    /**
     * Reads and checks the file.
     *
     * @throws ConfigException with everything that is wrong
     */
    public Loaded load() throws ConfigException {
        return parse(read());
    }

    /**
     * Checks what was read from the file.
     *
     * @throws ConfigException with everything that is wrong
     */
    public Loaded parse(FileContent content) throws ConfigException {
        return switch (content) {
            case FileContent.Text(var text) -> new Loaded(loader.parse(path.toString(), text, overrides), text);
            case FileContent.Unreadable(var reason) ->
                throw new ConfigException(List.of(path + ": cannot be read: " + reason));
        };
    }

    /** Returns what differs between two texts of the file, in words, without secrets. */
    public List<String> changes(String before, String after) {
        return ConfigDiff.between(path.toString(), before, after);
    }
}
