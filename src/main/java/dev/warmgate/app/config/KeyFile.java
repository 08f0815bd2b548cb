package dev.warmgate.app.config;

import dev.warmgate.files.FileContent;
import dev.warmgate.router.tenancy.ApiKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of API keys: one a line, as a key or its digest; empty lines and those that begin with # do not count. */
final class KeyFile {
    private KeyFile() {}

    /** Returns the keys of the file that a setting names; what is wrong is added to the problems, never with a key. */
    static List<ApiKey> read(Path file, Origin origin, String path, Problems problems) {
        return switch (FileContent.read(file)) {
            case FileContent.Unreadable(var reason) -> {
                problems.add(origin, path, file + " cannot be read: " + reason);
                yield List.of();
            }
            case FileContent.Text(var text) -> keys(text.lines().toList(), file, origin, path, problems);
        };
    }

    private static List<ApiKey> keys(List<String> lines, Path file, Origin origin, String path, Problems problems) {
        var keys = new ArrayList<ApiKey>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                var key = ApiKey.parse(line);
                if (key == null) {
                    problems.add(
                            origin,
                            path,
                            file + ", line " + (i + 1) + ": value hidden (expected: "
                                    + ValueTypes.apiKey().expected() + ")");
                } else {
                    keys.add(key);
                }
            }
        }
        return keys;
    }
}
