package dev.warmgate.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every source file is formatted. To format them instead of complaining:
 * {@code ./warmgate format}.
 *
 * <p>A test and not a Maven plugin, because formatters parse with the javac of the Java they run on, and Maven may run
 * on one that does not know this project's language level; tests always run on the right one. Its tag keeps it out of
 * the usual run, where it would take a tenth of the time; continuous integration runs it.
 */
@Tag("format")
class SourceFormatTest {
    private static final boolean APPLY = "apply".equals(System.getProperty("warmgate.format"));

    @Test
    void everySourceFileIsFormatted() throws Exception {
        var formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(Style.PALANTIR)
                .formatJavadoc(false)
                .build());
        var unformatted = new ArrayList<Path>();
        for (Path file : sources()) {
            String source = Files.readString(file);
            String formatted = format(formatter, file, source);
            if (!formatted.equals(source)) {
                unformatted.add(file);
                if (APPLY) {
                    Files.writeString(file, formatted);
                }
            }
        }
        if (!APPLY) {
            assertThat(unformatted)
                    .as("unformatted files; to format them: ./warmgate format")
                    .isEmpty();
        }
    }

    private static String format(Formatter formatter, Path file, String source) {
        try {
            String tidied = RemoveUnusedImports.removeUnusedImports(source);
            return formatter.formatSource(ImportOrderer.reorderImports(tidied, Style.PALANTIR));
        } catch (FormatterException e) {
            throw new AssertionError(file + ": " + e.getMessage(), e);
        }
    }

    private static List<Path> sources() throws IOException {
        var files = new ArrayList<Path>();
        for (String root : List.of("src", "benchmarks/src")) {
            if (Files.isDirectory(Path.of(root))) {
                try (var walk = Files.walk(Path.of(root))) {
                    walk.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
                }
            }
        }
        return files;
    }
}
