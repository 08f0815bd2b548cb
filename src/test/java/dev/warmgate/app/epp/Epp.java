package dev.warmgate.app.epp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.epp.EndpointPickerConfig.Row;
import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files for tests, and what came of them. */
final class Epp {
    static final String HEAD = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n";

    private static final Path SAMPLES = Path.of("src/test/resources/dev/warmgate/app/epp");

    private Epp() {}

    /** Returns the text of a sample. */
    static String sample(String name) {
        try {
            return Files.readString(SAMPLES.resolve(name + ".yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what a text after the head means. */
    static EndpointPickerConfig good(String text) {
        return whole(HEAD + text);
    }

    /** Returns what a whole text means. */
    static EndpointPickerConfig whole(String text) {
        var result = EndpointPickerConfigs.parse("epp.yaml", text);
        assertThat(result).as(text).isInstanceOf(Result.Good.class);
        return ((Result.Good) result).config();
    }

    /** Returns the problems of a text after the head, whose lines begin at 3. */
    static List<String> problems(String text) {
        return wrong(HEAD + text);
    }

    /** Returns the problems of a whole text. */
    static List<String> wrong(String text) {
        var result = EndpointPickerConfigs.parse("epp.yaml", text);
        assertThat(result).as(text).isInstanceOf(Result.Bad.class);
        return ((Result.Bad) result).problems();
    }

    /** Returns a file with one plugin, in flow style. */
    static String plugin(String type, String parameters) {
        return "plugins: [{type: " + type + ", parameters: {" + parameters + "}}]\n";
    }

    /** Returns the problems of a plugin's parameters. */
    static List<String> parameterProblems(String type, String parameters) {
        return problems(plugin(type, parameters));
    }

    static Row row(EndpointPickerConfig config, String name) {
        return config.plugins().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
