package dev.warmgate.twin.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TwinTokenizerTest {
    private final TwinTokenizer tokenizer = new TwinTokenizer();

    @Test
    void theAnswerOfOneTurnIsAPrefixOfTheNext() {
        message("system", "You are helpful.");
        message("user", "Hello, where does the warm cache live? Répondez.");
        int promptTokens = tokenizer.endPrompt(true);
        byte[] answer = AnswerText.write(tokenizer.seed(), 100);
        tokenizer.text(answer, 0, answer.length);
        TokenBlocks firstTurn = tokenizer.finish();
        assertThat(firstTurn.tokens()).isEqualTo(promptTokens + 100);

        message("system", "You are helpful.");
        message("user", "Hello, where does the warm cache live? Répondez.");
        message("assistant", new String(answer, UTF_8));
        message("user", "Thanks.");
        tokenizer.endPrompt(true);
        TokenBlocks secondTurn = tokenizer.finish();

        assertThat(secondTurn.tokens()).isGreaterThan(firstTurn.tokens());
        for (int i = 0; i < firstTurn.blocks(); i++) {
            assertThat(secondTurn.hash(i)).as("block " + i).isEqualTo(firstTurn.hash(i));
        }
    }

    @Test
    void theNextTurnHitsPromptAndAnswerInTheEngine() {
        message("user", "x".repeat(1000));
        int promptTokens = tokenizer.endPrompt(true);
        byte[] answer = AnswerText.write(tokenizer.seed(), 300);
        tokenizer.text(answer, 0, answer.length);
        var engine = new ReplicaEngine(HardwareProfile.LLAMA_3_1_8B_H100);
        engine.submit(new EngineRequest(1, tokenizer.finish(), promptTokens, (_, _) -> {}), 0);
        engine.advance(1_000_000_000_000L);

        message("user", "x".repeat(1000));
        message("assistant", new String(answer, UTF_8));
        message("user", "and then?");
        int nextPrompt = tokenizer.endPrompt(true);
        tokenizer.text(answer, 0, 4);
        var next = new EngineRequest(2, tokenizer.finish(), nextPrompt, (_, _) -> {});
        engine.submit(next, 1_000_000_000_000L);
        engine.advance(2_000_000_000_000L);

        assertThat(next.cachedTokens()).isEqualTo((promptTokens + 300 - 1) / 16 * 16);
    }

    @Test
    void theSizeOfThePiecesDoesNotMatter() {
        long seed = 11;
        var random = new Random(seed);
        byte[] text = new byte[5000];
        random.nextBytes(text);
        tokenizer.text(text, 0, text.length);
        TokenBlocks whole = tokenizer.finish();

        int at = 0;
        while (at < text.length) {
            int length = Math.min(text.length - at, random.nextInt(200));
            if (length == 1) {
                tokenizer.text(text[at]);
            } else {
                tokenizer.text(text, at, length);
            }
            at += length;
        }

        assertThat(tokenizer.finish()).as("seed " + seed).isEqualTo(whole);
    }

    @Test
    void rolesAndBoundariesDistinguishPrompts() {
        message("user", "a".repeat(64));
        TokenBlocks user = tokenizer.finish();
        message("system", "a".repeat(64));
        assertThat(tokenizer.finish()).isNotEqualTo(user);
    }

    @Test
    void anOpaquePartCountsItsTokens() {
        tokenizer.opaque(new byte[] {1, 2, 3}, 0, 3, 500);
        TokenBlocks image = tokenizer.finish();
        assertThat(image.tokens()).isEqualTo(501);
        tokenizer.opaque(new byte[] {1, 2, 4}, 0, 3, 500);
        assertThat(tokenizer.finish().hash(0)).isNotEqualTo(image.hash(0));
    }

    @Test
    void theEmptyPromptHasOneToken() {
        assertThat(tokenizer.endPrompt(false)).isEqualTo(1);
    }

    @Test
    void answersAreWordsOfOneTokenAndFollowFromTheSeed() {
        String text = new String(AnswerText.write(5, 50), UTF_8);
        assertThat(text).matches("([a-z]{3} ){50}").isEqualTo(new String(AnswerText.write(5, 50), UTF_8));
    }

    @Test
    void idsAreKeptForThoseWhoWantThem() {
        var keeping = TwinTokenizer.keepingIds();
        byte[] text = AnswerText.write(5, 5000);
        keeping.text(text, 0, text.length);
        keeping.text((byte) 'x');
        int[] ids = keeping.tokenIds();
        assertThat(ids).hasSize(1 + 5000 + 1).hasSize(keeping.tokens());
        assertThat(ids[1]).isEqualTo(text[0] | text[1] << 8 | text[2] << 16 | text[3] << 24);
        assertThat(ids[5001]).isEqualTo('x');
    }

    @Test
    void unlimitedAnswersHaveTwoHundredTokensOnAverage() {
        double mean = new Random(3)
                .longs(20_000)
                .mapToInt(seed -> AnswerText.length(seed, 10_000))
                .average()
                .orElseThrow();
        assertThat(mean).isBetween(190.0, 210.0);
        assertThat(AnswerText.length(1, 1)).isEqualTo(1);
    }

    private void message(String role, String text) {
        tokenizer.beginMessage(role);
        byte[] bytes = text.getBytes(UTF_8);
        tokenizer.text(bytes, 0, bytes.length);
        tokenizer.endMessage();
    }

    @Test
    void textOfAnyLengthMakesAsManyBlocksAsItsTokensFill() {
        for (int length = 0; length < 200; length++) {
            var tokenizer = new TwinTokenizer();
            tokenizer.text(new byte[length], 0, length);
            int tokens = tokenizer.tokens();
            var blocks = tokenizer.finish();
            assertThat(blocks.tokens()).as("length %d", length).isEqualTo(tokens);
            assertThat(blocks.blocks()).as("length %d", length).isEqualTo(tokens / 16);
        }
    }
}
