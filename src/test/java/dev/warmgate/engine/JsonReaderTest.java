package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** JSON as RFC 8259 has it, and nothing else. */
class JsonReaderTest {
    private static final JsonMapper JACKSON = new JsonMapper();

    @Test
    void aValueIsWhatWasWrittenWithoutSpaces() throws IOException {
        assertThat(value(" { \"a\" : [ 1 , -2.5e+3 , \"x \\\" y\" , { } , [ ] ] ,\n\t\"b\" : null , \"c\":true } "))
                .isEqualTo("{\"a\":[1,-2.5e+3,\"x \\\" y\",{},[]],\"b\":null,\"c\":true}");
    }

    @Test
    void textsAreReadWithTheirEscapes() throws IOException {
        assertThat(new JsonReader("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00ü\"".getBytes(UTF_8)).text())
                .isEqualTo("a\"\\/\b\f\n\r\té😀ü");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "}",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "01",
                "1.",
                ".5",
                "1e",
                "-",
                "+1",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u١٢٣٤\"",
                "\"a\nb\"",
                "tru",
                "NaN",
                "'a'",
                "[1}",
                "1 2",
                "// a\n1"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThatThrownBy(() -> value(text)).isInstanceOf(IOException.class).hasMessageContaining("not JSON");
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        assertThatThrownBy(() -> new JsonReader(new byte[] {'"', (byte) 0xff, '"'}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aTextWithoutEndOfDepthIsRefused() throws IOException {
        assertThat(value("[".repeat(200) + "]".repeat(200))).hasSize(400);
        assertThatThrownBy(() -> value("[".repeat(1_000_000))).isInstanceOf(IOException.class);
    }

    /** Mutated lists of models: Jackson, whose reading this replaces, finds the same ones good and in them the same values. */
    @Test
    void itAgreesWithJackson() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String good =
                "{\"data\":[{\"id\":\"a\\u0041\",\"n\":[1,-2.5e3,0.1,true,false,null]},{\"x\":{}}],\"y\":\"\\n\"}";
        String signs = "{}[],:\"\\ 01e-.tfnu\n";
        for (int i = 0; i < 20_000; i++) {
            var text = new StringBuilder(good);
            for (int k = random.nextInt(3); k >= 0; k--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, signs.charAt(random.nextInt(signs.length())));
                    default -> text.setCharAt(at, signs.charAt(random.nextInt(signs.length())));
                }
            }
            String expected = jackson(text.toString());
            String found;
            try {
                found = JACKSON.readTree(value(text.toString())).toString();
            } catch (IOException e) {
                found = "refused";
            }
            assertThat(found).as("seed %d: %s", seed, text).isEqualTo(expected);
        }
    }

    private static String jackson(String text) {
        try {
            return JACKSON.readTree(text).toString();
        } catch (JacksonException e) {
            return "refused";
        }
    }

    private static String value(String text) throws IOException {
        var reader = new JsonReader(text.getBytes(UTF_8));
        String value = reader.value();
        reader.end();
        return value;
    }
}
