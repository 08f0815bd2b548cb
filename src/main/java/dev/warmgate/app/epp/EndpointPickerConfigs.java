package dev.warmgate.app.epp;

import dev.warmgate.files.FileContent;
import java.nio.file.Path;
import java.util.List;

/** Reads files of {@code kind: EndpointPickerConfig}. Any thread. */
public final class EndpointPickerConfigs {
    private EndpointPickerConfigs() {}

    /** What came of reading a file. */
    public sealed interface Result {
        /** It can be used. */
        record Good(EndpointPickerConfig config) implements Result {}

        /**
         * It cannot be used.
         *
         * @param problems one line each, with file, line and path, in the order of the file; at least one
         */
        record Bad(List<String> problems) implements Result {
            public Bad {
                problems = List.copyOf(problems);
            }
        }
    }

    /** Reads a file. Never throws for what is in it. */
    public static Result read(Path file) {
        return switch (FileContent.read(file)) {
            case FileContent.Text(var text) -> parse(file.toString(), text);
            case FileContent.Unreadable(var reason) -> new Result.Bad(List.of(file + ": cannot be read: " + reason));
        };
    }

    /**
     * Reads a text.
     *
     * @param file its name in messages
     */
    public static Result parse(String file, String text) {
        var problems = new Problems(file);
        var tree = new DocumentReader(problems).read(text);
        if (tree != null && !problems.any()) {
            var document = new DocumentParser(problems).parse(tree);
            var path = Path.of(file).getFileName();
            var config = new ChainMaker(document, problems).make("epp:" + (path == null ? file : path), file);
            if (config != null) {
                return new Result.Good(config);
            }
        }
        return new Result.Bad(problems.lines());
    }
}
