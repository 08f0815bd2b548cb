package dev.warmgate.app.epp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** YAML as Kubernetes' reader takes it: scalars of YAML 1.1, anchors, aliases, merge keys; bounded whatever it says. */
class DocumentReaderTest {
    private static Tree read(String text) {
        var problems = new Problems("f");
        var tree = new DocumentReader(problems).read(text);
        assertThat(problems.lines()).as(text).isEmpty();
        return Objects.requireNonNull(tree);
    }

    private static List<String> problems(String text) {
        var problems = new Problems("f");
        var _ = new DocumentReader(problems).read(text);
        return problems.lines();
    }

    private static Tree value(String scalar) {
        return ((Tree.Fields) read("a: " + scalar + "\n")).fields().getFirst().value();
    }

    @Test
    void truthsOfOldYaml() {
        for (String word : List.of("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE")) {
            assertThat(value(word)).as(word).isEqualTo(new Tree.Bool(1, true));
        }
        for (String word : List.of("n", "No", "OFF", "false")) {
            assertThat(value(word)).as(word).isEqualTo(new Tree.Bool(1, false));
        }
        for (String word : List.of("yEs", "oN", "\"yes\"", "'off'", "!!str on", "yes!")) {
            assertThat(value(word)).as(word).isInstanceOf(Tree.Text.class);
        }
    }

    @Test
    void numbersBecomeThoseOfJson() {
        Map.ofEntries(
                        Map.entry("5", "5"),
                        Map.entry("-5", "-5"),
                        Map.entry("010", "8"),
                        Map.entry("0o17", "15"),
                        Map.entry("0x1F", "31"),
                        Map.entry("0b101", "5"),
                        Map.entry("1_000", "1000"),
                        Map.entry("1.0", "1"),
                        Map.entry("1e3", "1000"),
                        Map.entry(".5", "0.5"),
                        Map.entry("08", "8"),
                        Map.entry("18446744073709551615", "18446744073709551615"))
                .forEach((written, json) ->
                        assertThat(value(written)).as(written).isEqualTo(new Tree.Numeral(1, json)));
        for (String text : List.of("1.2.3", "10.0.0.1", "0x", "5s", "1Gi", "\"5\"", "+", "1e", "2026-01-01")) {
            assertThat(value(text)).as(text).isInstanceOf(Tree.Text.class);
        }
        assertThat(problems("a: .inf\n")).containsExactly("f:1: .inf (expected: a number that JSON can write)");
    }

    @Test
    void nothing() {
        for (String text : List.of("", "~", "null", "Null", "NULL")) {
            assertThat(value(text)).as(text).isEqualTo(new Tree.Null(1));
        }
    }

    @Test
    void aliasesAndMergeKeysAreFollowed() {
        assertThat(read("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\n"))
                .isEqualTo(new Tree.Fields(
                        1,
                        List.of(
                                new Tree.Field(1, "a", pair(1, "2")),
                                new Tree.Field(2, "d", pair(1, "2")),
                                new Tree.Field(
                                        3,
                                        "e",
                                        new Tree.Fields(
                                                3,
                                                List.of(
                                                        new Tree.Field(3, "c", new Tree.Numeral(3, "3")),
                                                        new Tree.Field(1, "b", new Tree.Numeral(1, "1"))))))));
        assertThat(problems("a: *nobody\n")).singleElement().asString().startsWith("f:1: ");
        assertThat(problems("<<: 5\n"))
                .containsExactly("f:1: <<: merges what has no fields (expected: an alias of an object)");
    }

    private static Tree pair(int line, String c) {
        return new Tree.Fields(
                line,
                List.of(
                        new Tree.Field(line, "b", new Tree.Numeral(line, "1")),
                        new Tree.Field(line, "c", new Tree.Numeral(line, c))));
    }

    @Test
    void depthAndSizeAreBounded() {
        assertThat(problems("a: " + "[".repeat(100_000)))
                .singleElement()
                .asString()
                .contains("nested deeper than 64");
        assertThat(problems("{\"a\": " + "[".repeat(70) + "]".repeat(70) + "}"))
                .containsExactly("f:1: nested deeper than 64 levels");
        var bomb = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for (int i = 1; i < 20; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i))
                    .append(("*a" + (i - 1) + ", ").repeat(9))
                    .append("*a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertThat(problems(bomb.toString())).singleElement().asString().contains("more than 100000 values");
    }

    @Test
    void jsonKeepsItsNumbersAsWritten() {
        assertThat(read("{\"a\": 1.0,\n \"b\": \"\\ud83d\\ude00\"}"))
                .isEqualTo(new Tree.Fields(
                        1,
                        List.of(
                                new Tree.Field(1, "a", new Tree.Numeral(1, "1.0")),
                                new Tree.Field(2, "b", new Tree.Text(2, "😀")))));
    }
}
