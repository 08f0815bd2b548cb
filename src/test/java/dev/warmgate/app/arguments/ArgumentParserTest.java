package dev.warmgate.app.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words become values, or a sentence about what is wrong. */
class ArgumentParserTest {
    private static final Option NAME = Option.text("--name", "NAME", "A name.");
    private static final Option LOUD = Option.flag("--loud", "Loudly.");
    private static final Option TOOL = Option.optionalText("--tool", "PATH", "A tool, or the usual one.");
    private static final Option URL = Option.repeated("--url", "URL", "An address; repeatable.");
    private static final Option KIND = Option.list("--kind", "KIND", "Kinds.");
    private static final Option COUNT = Option.whole("--count", "N", "How many.");
    private static final Option SEED = Option.longWhole("--seed", "N", "Chance.");
    private static final Option SHARE = Option.decimal("--share", "X", "A share.");
    private static final Option LINES = Option.wholes("--line", "N", "Lines.");
    private static final CommandSpec SPEC = new CommandSpec(
            "try",
            "Tries.",
            new CommandSpec.Parameter("FILE", "A file."),
            List.of(NAME, LOUD, TOOL, URL, KIND, COUNT, SEED, SHARE, LINES),
            true,
            List.of());

    private static Arguments parse(String... words) {
        return ArgumentParser.parse(SPEC, List.of(words));
    }

    @Test
    void valuesStandInTheSameWordOrInTheNext() {
        var given = parse("--name", "a b", "--count=3", "file", "--seed", "-9000000000", "--share=1e-3", "--loud");
        assertThat(given.text(NAME)).isEqualTo("a b");
        assertThat(given.path(NAME)).isEqualTo(Path.of("a b"));
        assertThat(given.whole(COUNT, 0)).isEqualTo(3);
        assertThat(given.longWhole(SEED, 0)).isEqualTo(-9_000_000_000L);
        assertThat(given.decimal(SHARE, 0)).isEqualTo(0.001);
        assertThat(given.has(LOUD)).isTrue();
        assertThat(given.parameter()).isEqualTo("file");
        assertThat(given.line(Set.of(COUNT)))
                .isEqualTo("warmgate try --name a b file --seed -9000000000 --share 1e-3 --loud");
    }

    @Test
    void whatIsLeftOutIsAsTheCommandSays() {
        var given = parse("file");
        assertThat(given.text(NAME)).isNull();
        assertThat(given.text(NAME, "b")).isEqualTo("b");
        assertThat(given.path(NAME, Path.of("c"))).isEqualTo(Path.of("c"));
        assertThat(given.whole(COUNT, 7)).isEqualTo(7);
        assertThat(given.decimal(SHARE)).isNull();
        assertThat(given.has(LOUD)).isFalse();
        assertThat(given.texts(URL)).isEmpty();
        assertThat(given.texts(KIND, List.of("x"))).containsExactly("x");
        assertThat(parse("--loud=false", "file").has(LOUD)).isFalse();
    }

    @Test
    void listsAreJoinedAndRepeatedTextsKeepTheirCommas() {
        var given = parse("--kind=a,b", "--url=x,y", "--kind", "c", "--url", "z", "--line=1,2", "--line=3", "file");
        assertThat(given.texts(KIND)).containsExactly("a", "b", "c");
        assertThat(given.texts(URL)).containsExactly("x,y", "z");
        assertThat(given.wholes(LINES)).containsExactly(1, 2, 3);
        assertThat(given.line(Set.of())).isEqualTo("warmgate try --kind a,b,c --url x,y,z --line 1,2,3 file");
    }

    @Test
    void anOptionalValueDoesNotTakeAnOption() {
        assertThat(parse("file", "--tool").text(TOOL)).isEmpty();
        assertThat(parse("--tool", "--loud", "file").text(TOOL)).isEmpty();
        assertThat(parse("--tool", "mine", "file").text(TOOL)).isEqualTo("mine");
        assertThat(parse("file").text(TOOL)).isNull();
    }

    @Test
    void afterTwoDashesNothingIsAnOption() {
        assertThat(parse("--loud", "--", "--name").parameter()).isEqualTo("--name");
    }

    @Test
    void whoAsksForHelpIsNotToldWhatElseIsWrong() {
        assertThat(parse("-h").help()).isTrue();
        assertThat(parse("--nonsense", "a", "b", "--help").help()).isTrue();
        assertThat(parse("file").help()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                    | missing required parameter: 'FILE' (see warmgate try --help)
            a b c                 | too much: b (see warmgate try --help)
            a --nmae=x            | unknown option: --nmae=x (did you mean --name? see warmgate try --help)
            --nmae                | unknown option: --nmae (did you mean --name? see warmgate try --help)
            a -x                  | unknown option: -x (see warmgate try --help)
            a --name              | missing required parameter for option '--name' (NAME) (see warmgate try --help)
            a --name --loud       | expected parameter for option '--name' but found '--loud' (see warmgate try --help)
            a --name=x --name=y   | option '--name' (NAME) should be specified only once (see warmgate try --help)
            a --loud --loud       | option '--loud' should be specified only once (see warmgate try --help)
            a --loud=x            | invalid value for option '--loud': 'x' is not a boolean (see warmgate try --help)
            a --count=many        | invalid value for option '--count': 'many' is not an int (see warmgate try --help)
            a --count=            | invalid value for option '--count': '' is not an int (see warmgate try --help)
            a --seed=0x1          | invalid value for option '--seed': '0x1' is not a long (see warmgate try --help)
            a --share=x           | invalid value for option '--share': 'x' is not a double (see warmgate try --help)
            a --line=1,x          | invalid value for option '--line' (N): 'x' is not an int (see warmgate try --help)
            """)
    void everyMistakeIsOneSentence(String words, String sentence) {
        assertThatThrownBy(() -> parse(words.isEmpty() ? new String[0] : words.split(" ")))
                .isInstanceOfSatisfying(
                        UsageException.class,
                        wrong -> assertThat(wrong.line("warmgate try")).isEqualTo("warmgate try: " + sentence));
    }

    @Test
    void aRequiredOptionIsNamed() {
        var spec = CommandSpec.of("try", "Tries.", List.of(Option.required("--name", "NAME", "A name.")));
        assertThatThrownBy(() -> ArgumentParser.parse(spec, List.of()))
                .hasMessage("missing required option: '--name=NAME'");
    }

    @Test
    void theHelpShowsAllAndBreaksNoWord() {
        assertThat(HelpText.of(SPEC)).containsExactly("""
                Usage: warmgate try [-h] [--loud] [--tool[=PATH]] [--count=N] [--name=NAME]
                                    [--seed=N] [--share=X] [--kind=KIND[,KIND...]]...
                                    [--line=N[,N...]]... [--url=URL]... FILE
                Tries.
                      FILE              A file.
                      --count=N         How many.
                  -h, --help            Show this help.
                      --kind=KIND[,KIND...]
                                        Kinds.
                      --line=N[,N...]   Lines.
                      --loud            Loudly.
                      --name=NAME       A name.
                      --seed=N          Chance.
                      --share=X         A share.
                      --tool[=PATH]     A tool, or the usual one.
                      --url=URL         An address; repeatable.
                """.split("\n"));
    }
}
