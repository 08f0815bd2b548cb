package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
    private final JsonIndex index = new JsonIndex();
    private final JsonScanner scanner = new JsonScanner(index);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "10",
                "-1.5",
                "1e5",
                "1E+5",
                "1e-5",
                "0.0e0",
                "true",
                "false",
                "null",
                "\"\"",
                "\"a\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD800\"",
                "\"\u007f\"",
                "[]",
                "{}",
                "[[],{}]",
                "[1,2]",
                "{\"a\":1,\"a\":2}",
                " \t\r\n[ 1 , 2 ] \t\r\n",
                "{ \"a\" : { \"b\" : [ ] } }",
                "{\"\":0}",
                "\uFEFF[]",
                "123456789012345678901234567890"
            })
    void acceptsJson(String json) {
        assertThat(scan(json.getBytes(UTF_8))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01",
                "-",
                "+1",
                "1.",
                ".5",
                "1e",
                "1e+",
                "0x1",
                "1 2",
                "--1",
                "1.e1",
                "NaN",
                "Infinity",
                "-Infinity",
                "tru",
                "True",
                "nul",
                "falsey",
                "'a'",
                "\"",
                "\"a",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "\"\t\"",
                "\"\u0000\"",
                "[",
                "]",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1}",
                "{",
                "}",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{a:1}",
                "{1:1}",
                "{\"a\" 1}",
                "{\"a\":1]",
                "{,}",
                "{\"a\"}",
                "[]]",
                "[]x",
                "{}{}",
                "// c\n1",
                "/* c */1",
                "\u00a01",
                "[1\f]",
                "\uFEFF\uFEFF[]",
                "\uFEFF"
            })
    void refusesWhatIsNotJson(String text) {
        assertThat(scan(text.getBytes(UTF_8))).isFalse();
        assertThat(scanner.fault()).isEqualTo(JsonScanner.Fault.SYNTAX);
    }

    @Test
    void refusesEveryTruncation() {
        byte[] json =
                "{\"a\":[1.5e-3,true,null,\"x\\u00e9\\n é€😀\",{\"b\":{}}],\"c\":\"0123456789abcdef\"}".getBytes(UTF_8);
        assertThat(scan(json)).isTrue();
        for (int length = 0; length < json.length; length++) {
            assertThat(scanner.scan(json, 0, length)).as("length %d", length).isFalse();
        }
    }

    @Test
    void findsTheEndOfAStringAtEveryOffset() {
        for (int length = 0; length < 70; length++) {
            for (char odd : new char[] {'"', '\\', '\u0001', 'é', '!', '#', '[', ']', ' ', '\u007f'}) {
                for (int at = 0; at < length; at++) {
                    var text = "x".repeat(at) + odd + "x".repeat(length - at - 1);
                    var json = "[\"" + text + "\",1]";
                    boolean expected = odd != '"' && odd != '\\' && odd != '\u0001';
                    boolean valid = scan(json.getBytes(UTF_8));
                    if (valid != expected || (valid && !index.string(1).equals(text))) {
                        fail("%s: expected %s", json, expected);
                    }
                }
            }
        }
    }

    @Test
    void acceptsExactlyWellFormedUtf8() {
        // Every lead byte with all bytes behind it that lie at a border of some range, against the JDK's decoder.
        int[] interesting = {
            0x00, 0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xFF
        };
        for (int lead = 0x80; lead < 0x100; lead++) {
            for (int second : interesting) {
                for (int third : interesting) {
                    for (int fourth : interesting) {
                        var json = new ByteArrayOutputStream();
                        json.write('"');
                        for (int b : new int[] {lead, second, third, fourth}) {
                            json.write(b);
                        }
                        json.write('"');
                        byte[] bytes = json.toByteArray();
                        boolean expected = isUtf8(bytes) && !hasPlain(bytes, '"') && !hasPlain(bytes, 0);
                        if (scan(bytes) != expected) {
                            fail("%x %x %x %x: expected %s", lead, second, third, fourth, expected);
                        }
                    }
                }
            }
        }
    }

    @Test
    void randomBytesInStringsAreJudgedAsTheJdkDoes() {
        for (long seed = 0; seed < 10_000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder("[\"");
            for (int i = random.nextInt(20); i > 0; i--) {
                text.appendCodePoint(random.nextBoolean() ? 'a' : 0xA0 + random.nextInt(0xD000));
            }
            byte[] json = text.append("\"]").toString().getBytes(UTF_8);
            if (json.length > 4) {
                json[2 + random.nextInt(json.length - 4)] = (byte) (0x80 | random.nextInt(0x80));
            }
            if (scan(json) != isUtf8(json)) {
                fail("seed %d", seed);
            }
        }
    }

    @Test
    void nestingIsBounded() {
        assertThat(scan(("[".repeat(500) + "]".repeat(500)).getBytes(UTF_8))).isTrue();
        assertThat(scan(("{\"a\":".repeat(500) + "1" + "}".repeat(500)).getBytes(UTF_8)))
                .isTrue();
        assertThat(scan(("[".repeat(501) + "]".repeat(501)).getBytes(UTF_8))).isFalse();
        assertThat(scanner.fault()).isEqualTo(JsonScanner.Fault.DEPTH);
        assertThat(scanner.faultAt()).isEqualTo(500);
    }

    @Test
    void namesTheByteAtFault() {
        scan("{\"a\":1,\"b\":x}".getBytes(UTF_8));
        assertThat(scanner.faultAt()).isEqualTo(11);
        byte[] text = "[\"aé\"]".getBytes(UTF_8);
        text[4] = 'x';
        scan(text);
        assertThat(scanner.fault()).isEqualTo(JsonScanner.Fault.ENCODING);
        assertThat(scanner.faultAt()).isEqualTo(3);
    }

    @Test
    void knowsThePathToEveryValue() {
        scan("{\"a\":[1,{\"b\":2,\"c\":[[],3]}],\"d\":4}".getBytes(UTF_8));
        var paths = new StringBuilder();
        for (int node = 0; node < index.close(0); node++) {
            if (index.kind(node) >= '0' && index.kind(node) <= '9') {
                paths.append(index.path(node)).append(' ');
            }
        }
        assertThat(paths.toString()).isEqualTo("a[0] a[1].b a[1].c[1] d ");
        assertThat(index.path(0)).isEmpty();
    }

    private boolean scan(byte[] json) {
        return scanner.scan(json, 0, json.length);
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Returns whether {@code plain} is between the quotes. */
    private static boolean hasPlain(byte[] quoted, int plain) {
        for (int i = 1; i < quoted.length - 1; i++) {
            if (quoted[i] == plain) {
                return true;
            }
        }
        return false;
    }
}
