package dev.warmgate.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every promise of docs/security.md names a test, and every test that it names is there. */
class SecurityPageTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*Test)\\.([a-z][A-Za-z0-9]*)`");

    private final List<String> lines = Files.readAllLines(Path.of("docs/security.md"));

    SecurityPageTest() throws IOException {}

    @Test
    void everyNamedTestIsThere() throws IOException {
        var named =
                lines.stream().flatMap(line -> NAMED.matcher(line).results()).toList();
        assertThat(named).hasSizeGreaterThan(40);
        for (var test : named) {
            assertThat(source(test.group(1)))
                    .as(test.group())
                    .containsPattern(Pattern.compile(
                            // No method ends between the annotation and the name.
                            "@(Parameterized)?Test\\b(?:(?!\n {4}}).)*?void " + test.group(2) + "\\(", Pattern.DOTALL));
        }
    }

    @Test
    void everyPromiseNamesATest() {
        boolean promises = false;
        for (String line : lines) {
            promises = line.startsWith("| Promise |") || (promises && line.startsWith("|"));
            if (promises && !line.startsWith("| Promise |") && !line.startsWith("|---")) {
                assertThat(line).containsPattern(NAMED);
            }
        }
    }

    private static String source(String name) throws IOException {
        try (var files = Files.walk(Path.of("src/test/java"))) {
            var found = files.filter(file -> file.endsWith(name + ".java")).toList();
            assertThat(found).as(name).isNotEmpty();
            var text = new StringBuilder();
            for (Path file : found) {
                text.append(Files.readString(file));
            }
            return text.toString();
        }
    }
}
