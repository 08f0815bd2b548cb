package dev.warmgate.twin.engine;

import dev.warmgate.router.prefix.PromptSink;
import dev.warmgate.router.prefix.XxHash64;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chat template and tokenizer of the simulated model: prompt text in, {@link TokenBlocks} out.
 *
 * <p>Messages are rendered one behind the other into bytes and every 4 bytes are a token, the usual length of a token of
 * English text. Each message, and the answer behind the last one, begins on a token boundary: so an answer has the same
 * tokens when it comes back as a message of the next turn, and the next turn finds its blocks.
 *
 * <p>Use: feed a prompt, {@link #endPrompt}, {@link #text(byte[], int, int)} with the answer, {@link #finish}. Confined to
 * one thread, reusable.
 */
public final class TwinTokenizer implements PromptSink {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int TOKEN_BYTES = AnswerText.TOKEN_BYTES;
    private static final int BLOCK_BYTES = TokenBlocks.BLOCK_TOKENS * TOKEN_BYTES;
    private static final long SEED = 0x77617267617465L;

    /** Begin of sequence, as most models have it; keeps the empty prompt from having no token. */
    private static final byte[] BEGIN = {1, 1, 1, 1};

    private static final byte[] END_OF_MESSAGE = {3, 3, 3, 3};
    private static final byte ROLE = 2;

    private final byte[] block = new byte[BLOCK_BYTES];
    private long[] hashes = new long[64];
    private int count;
    private int filled;
    private long chain;

    /** Token ids of the full blocks, 16 each; null unless they are wanted. */
    private int @Nullable [] ids;

    /** Creates a tokenizer at the beginning of a prompt. */
    public TwinTokenizer() {
        reset();
    }

    /** Returns a tokenizer that also keeps the ids of its tokens. */
    public static TwinTokenizer keepingIds() {
        var tokenizer = new TwinTokenizer();
        tokenizer.ids = new int[1024];
        return tokenizer;
    }

    @Override
    public void reset() {
        count = 0;
        filled = 0;
        chain = SEED;
        text(BEGIN, 0, BEGIN.length);
    }

    @Override
    public void beginMessage(String role) {
        align();
        text(ROLE);
        byte[] name = role.getBytes(StandardCharsets.ISO_8859_1);
        text(name, 0, name.length);
        text(ROLE);
        align();
    }

    @Override
    public void endMessage() {
        align();
        text(END_OF_MESSAGE, 0, END_OF_MESSAGE.length);
    }

    @Override
    public void text(byte[] bytes, int offset, int length) {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == 0 && left >= BLOCK_BYTES) {
                closeBlock(bytes, at);
                at += BLOCK_BYTES;
                left -= BLOCK_BYTES;
                continue;
            }
            int n = Math.min(left, BLOCK_BYTES - filled);
            System.arraycopy(bytes, at, block, filled, n);
            filled += n;
            at += n;
            left -= n;
            if (filled == BLOCK_BYTES) {
                filled = 0;
                closeBlock(block, 0);
            }
        }
    }

    @Override
    public void text(byte value) {
        block[filled++] = value;
        if (filled == BLOCK_BYTES) {
            filled = 0;
            closeBlock(block, 0);
        }
    }

    /** Adds {@code tokens} tokens that follow from the bytes. */
    @Override
    public void opaque(byte[] bytes, int offset, int length, int tokens) {
        align();
        long hash = XxHash64.hash(bytes, offset, length, SEED);
        for (int i = 0; i < tokens; i++) {
            long token = XxHash64.mix(hash + i);
            for (int shift = 0; shift < TOKEN_BYTES * 8; shift += 8) {
                text((byte) (token >>> shift));
            }
        }
    }

    /**
     * Ends the prompt: what follows is the answer.
     *
     * @param chat whether the template opens an assistant message for the answer
     * @return the tokens of the prompt
     */
    public int endPrompt(boolean chat) {
        if (chat) {
            beginMessage("assistant");
        } else {
            align();
        }
        return tokens();
    }

    /** Returns a number that follows from everything fed so far. */
    public long seed() {
        return XxHash64.hash(block, 0, filled, chain);
    }

    /** Returns the tokens fed so far, a partial last one included. */
    public int tokens() {
        return count * TokenBlocks.BLOCK_TOKENS + (filled + TOKEN_BYTES - 1) / TOKEN_BYTES;
    }

    /** Returns everything fed since the last reset, and resets. */
    public TokenBlocks finish() {
        // A partial last token is a token, and may be the one that fills a block.
        align();
        var blocks = new TokenBlocks(Arrays.copyOf(hashes, count), tokens());
        reset();
        return blocks;
    }

    /**
     * Returns the ids of the tokens fed so far, each between 0 and 2³¹ − 1.
     *
     * @throws IllegalStateException if they were not kept
     */
    public int[] tokenIds() {
        if (ids == null) {
            throw new IllegalStateException("made without keepingIds()");
        }
        var all = Arrays.copyOf(ids, tokens());
        for (int i = count * TokenBlocks.BLOCK_TOKENS; i < all.length; i++) {
            int at = i % TokenBlocks.BLOCK_TOKENS * TOKEN_BYTES;
            all[i] = id(Arrays.copyOfRange(block, at, Math.min(at + TOKEN_BYTES, filled)), 0);
        }
        return all;
    }

    /** Four bytes, the first one lowest; fewer at the end of the text. */
    private static int id(byte[] bytes, int offset) {
        byte[] token = bytes.length < offset + TOKEN_BYTES ? Arrays.copyOf(bytes, offset + TOKEN_BYTES) : bytes;
        return (int) INT.get(token, offset) & Integer.MAX_VALUE;
    }

    private void align() {
        while (filled % TOKEN_BYTES != 0) {
            text((byte) 0);
        }
    }

    private void closeBlock(byte[] bytes, int offset) {
        if (count == hashes.length) {
            hashes = Arrays.copyOf(hashes, count * 2);
        }
        chain = XxHash64.hash(bytes, offset, BLOCK_BYTES, chain);
        if (ids != null) {
            keepIds(ids, bytes, offset);
        }
        hashes[count++] = chain;
    }

    private void keepIds(int[] kept, byte[] bytes, int offset) {
        int at = count * TokenBlocks.BLOCK_TOKENS;
        int[] room = kept.length < at + TokenBlocks.BLOCK_TOKENS ? Arrays.copyOf(kept, kept.length * 2) : kept;
        for (int i = 0; i < TokenBlocks.BLOCK_TOKENS; i++) {
            room[at + i] = id(bytes, offset + i * TOKEN_BYTES);
        }
        ids = room;
    }
}
