package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WordTextTest {
    @Test
    void writesAWordOfThreeLettersPerToken() {
        assertThat(text(1, new Text(7, 40))).hasSize(160).matches("([a-z]{3} ){40}");
    }

    @Test
    void equalStreamsBeginEqually() {
        assertThat(text(1, new Text(7, 40))).startsWith(text(1, new Text(7, 13)));
    }

    @Test
    void otherStreamsAndSeedsHaveOtherWords() {
        var text = text(1, new Text(7, 40));
        assertThat(text(1, new Text(8, 40)).substring(0, 8)).isNotEqualTo(text.substring(0, 8));
        assertThat(text(2, new Text(7, 40)).substring(0, 8)).isNotEqualTo(text.substring(0, 8));
    }

    private static String text(long seed, Text text) {
        var bytes = new byte[text.tokens() * WordText.BYTES_PER_TOKEN];
        assertThat(new WordText(seed).write(text, bytes, 0)).isEqualTo(bytes.length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
