package dev.warmgate.app.config;

import dev.warmgate.files.FileContent;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file with the options that replace some of it: what can be read again. Immutable; any thread.
 *
 * @param path the file as the user named it, or null if options say everything and name a file that can be read again
 */
public record ConfigFile(ConfigLoader loader, @Nullable Path path, Overrides overrides) {
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

    /** Returns what can be read again of a command without a configuration file: null unless its policy names a file. */
    public static @Nullable ConfigFile ofOptions(ConfigLoader loader, Overrides overrides) {
        return overrides.policy() != null && PoolConfig.pickerFile(overrides.policy()) != null
                ? new ConfigFile(loader, null, overrides)
                : null;
    }

    /** Reads the file; an empty text if there is none. */
    public FileContent read() {
        return path == null ? new FileContent.Text("") : FileContent.read(path);
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
        if (path == null) {
            return new Loaded(loader.load(overrides), "");
        }
        return switch (content) {
            case FileContent.Text(var text) -> new Loaded(loader.parse(path.toString(), text, overrides), text);
            case FileContent.Unreadable(var reason) ->
                throw new ConfigException(List.of(path + ": cannot be read: " + reason));
        };
    }

    /** Returns what differs between two texts of the file, in words, without secrets. */
    public List<String> changes(String before, String after) {
        return path == null ? List.of() : ConfigDiff.between(path.toString(), before, after);
    }
}
