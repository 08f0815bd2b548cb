package dev.warmgate.router.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PromptHasherTest {
    private static final long SECRET = 42;

    private record Message(String role, String text) {}

    @Test
    void blocksDoNotDependOnHowTextIsCutIntoPieces() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var conversation = conversation(random);
            var whole = hash(conversation, null);
            for (int i = 0; i < 5; i++) {
                assertThat(blocks(hash(conversation, random)))
                        .as("seed %d", seed)
                        .isEqualTo(blocks(whole));
            }
        }
    }

    @Test
    void theNextTurnBeginsWithTheBlocksOfTheTurnBefore() {
        for (long seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            var conversation = conversation(random);
            var before = blocks(hash(conversation, null));
            conversation.add(new Message("assistant", text(random)));
            conversation.add(new Message("user", text(random)));
            assertThat(blocks(hash(conversation, null))).as("seed %d", seed).startsWith(before.toArray(String[]::new));
        }
    }

    @Test
    void aChangedByteChangesItsBlockAndAllBehindItAndNoneBefore() {
        byte[] text = "x".repeat(5 * PromptHasher.BLOCK_BYTES).getBytes(StandardCharsets.US_ASCII);
        var before = bare(text);
        text[2 * PromptHasher.BLOCK_BYTES + 7] = 'y';
        var after = bare(text);
        assertThat(after.count()).isEqualTo(before.count()).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            assertThat(after.hash(i) == before.hash(i)).as("block %d", i).isEqualTo(i < 2);
        }
    }

    @Test
    void anotherSecretOrRoleGivesOtherBlocks() {
        String text = "hello";
        var user = hash(List.of(new Message("user", text)), null);
        var assistant = hash(List.of(new Message("assistant", text)), null);
        var hasher = new PromptHasher(SECRET + 1);
        feed(hasher, List.of(new Message("user", text)), null);
        assertThat(user.hash(0))
                .isNotEqualTo(assistant.hash(0))
                .isNotEqualTo(hasher.finish().hash(0));
    }

    @Test
    void finishingStartsANewPrompt() {
        var hasher = new PromptHasher(SECRET);
        hasher.text((byte) 'a');
        var first = hasher.finish();
        hasher.text((byte) 'a');
        assertThat(blocks(hasher.finish())).isEqualTo(blocks(first));
        assertThat(hasher.finish()).isSameAs(PromptBlocks.EMPTY);
    }

    @Test
    void tokensGrowWithTextAndCountWhatIsNotText() {
        assertThat(bare(new byte[4000]).tokens()).isBetween(900, 1100);
        var hasher = new PromptHasher(SECRET);
        hasher.opaque(new byte[] {1, 2, 3}, 0, 3, 1000);
        assertThat(hasher.finish().tokens()).isEqualTo(1000);
    }

    private static PromptBlocks bare(byte[] text) {
        var hasher = new PromptHasher(SECRET);
        hasher.text(text, 0, text.length);
        return hasher.finish();
    }

    private static List<Message> conversation(Random random) {
        var messages = new ArrayList<Message>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            messages.add(new Message(random.nextBoolean() ? "user" : "assistant", text(random)));
        }
        return messages;
    }

    private static String text(Random random) {
        var text = new byte[random.nextInt(random.nextInt(10) == 0 ? 5000 : 600)];
        random.nextBytes(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** Feeds in random pieces, or at once if {@code random} is null. */
    private static PromptBlocks hash(List<Message> conversation, @Nullable Random random) {
        var hasher = new PromptHasher(SECRET);
        feed(hasher, conversation, random);
        return hasher.finish();
    }

    private static void feed(PromptHasher hasher, List<Message> conversation, @Nullable Random random) {
        for (var message : conversation) {
            hasher.beginMessage(message.role());
            byte[] text = message.text().getBytes(StandardCharsets.ISO_8859_1);
            int at = 0;
            while (at < text.length) {
                int length = random == null ? text.length : Math.min(text.length - at, random.nextInt(700));
                if (length == 1) {
                    hasher.text(text[at]);
                } else {
                    hasher.text(text, at, length);
                }
                at += length;
            }
            hasher.endMessage();
        }
    }

    private static List<String> blocks(PromptBlocks blocks) {
        var list = new ArrayList<String>();
        for (int i = 0; i < blocks.count(); i++) {
            list.add(Long.toHexString(blocks.hash(i)) + "@" + blocks.tokens(i + 1));
        }
        return list;
    }
}
