package dev.warmgate.router.prefix;

import java.util.Arrays;

/**
 * Cuts canonical prompt text into blocks and chains their hashes.
 *
 * <p>Equal conversations in canonical form give equal blocks whatever wire format they came in.
 *
 * <p>Hash of block <i>i</i>: XXH64 of its bytes, seeded with the fleet's secret, mixed with the hash of block <i>i − 1</i>.
 * The secret keeps a client from computing the hashes of another client's prompt. The hash before is mixed in only at the
 * end, so that a processor computes several blocks at a time.
 *
 * <p>Confined to one thread; reused from request to request by {@link #reset}.
 */
public final class PromptHasher implements PromptSink {
    /** Bytes in a full block: about 64 tokens of English text, 4 KV blocks of 16 tokens. */
    public static final int BLOCK_BYTES = 256;

    /** Bytes of English text or code per token, the usual rule of thumb. */
    public static final int BYTES_PER_TOKEN = 4;

    /** What a chat template adds around a message, in tokens (5 in the Llama 3 and Qwen templates, 3 to 7 elsewhere). */
    private static final int MESSAGE_TOKENS = 5;

    /** Odd, so that multiplying by it loses nothing: 2^64 divided by the golden ratio. */
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private static final byte MESSAGE_START = 0x02;
    private static final byte MESSAGE_END = 0x03;

    private final long secret;
    private final byte[] block = new byte[BLOCK_BYTES];
    private long[] hashes = new long[64];
    private int[] ends = new int[64];

    private int count;
    private int filled;
    private long chain;
    private long textBytes;
    private int otherTokens;

    /**
     * Creates a hasher.
     *
     * @param secret equal in all gateways that share a fleet; random where there is one gateway
     */
    public PromptHasher(long secret) {
        this.secret = secret;
        this.chain = secret;
    }

    @Override
    public void reset() {
        count = 0;
        filled = 0;
        chain = secret;
        textBytes = 0;
        otherTokens = 0;
    }

    @Override
    public void beginMessage(String role) {
        closeBlock();
        append(MESSAGE_START);
        for (int i = 0; i < role.length(); i++) {
            append((byte) role.charAt(i));
        }
        append(MESSAGE_START);
        otherTokens += MESSAGE_TOKENS;
    }

    @Override
    public void endMessage() {
        append(MESSAGE_END);
        closeBlock();
    }

    @Override
    public void text(byte[] bytes, int offset, int length) {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == BLOCK_BYTES) {
                closeBlock();
            }
            if (filled == 0 && left > BLOCK_BYTES) {
                textBytes += BLOCK_BYTES;
                closeBlock(bytes, at, BLOCK_BYTES);
                at += BLOCK_BYTES;
                left -= BLOCK_BYTES;
                continue;
            }
            int n = Math.min(left, BLOCK_BYTES - filled);
            System.arraycopy(bytes, at, block, filled, n);
            filled += n;
            textBytes += n;
            at += n;
            left -= n;
        }
    }

    @Override
    public void text(byte value) {
        append(value);
        textBytes++;
    }

    /** Only the hash of what is given enters the block. */
    @Override
    public void opaque(byte[] bytes, int offset, int length, int tokens) {
        long hash = XxHash64.hash(bytes, offset, length, secret);
        for (int shift = 0; shift < 64; shift += 8) {
            append((byte) (hash >>> shift));
        }
        otherTokens += tokens;
    }

    /** Returns the blocks of everything fed since the last {@link #reset}, and resets. */
    public PromptBlocks finish() {
        closeBlock();
        var blocks = count == 0
                ? PromptBlocks.EMPTY
                : new PromptBlocks(Arrays.copyOf(hashes, count), Arrays.copyOf(ends, count));
        reset();
        return blocks;
    }

    private void append(byte value) {
        if (filled == BLOCK_BYTES) {
            closeBlock();
        }
        block[filled++] = value;
    }

    private void closeBlock() {
        if (filled > 0) {
            closeBlock(block, 0, filled);
            filled = 0;
        }
    }

    private void closeBlock(byte[] bytes, int offset, int length) {
        if (count == hashes.length) {
            hashes = Arrays.copyOf(hashes, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        chain = XxHash64.mix(Long.rotateLeft(chain, 27) * STEP + XxHash64.hash(bytes, offset, length, secret));
        hashes[count] = chain;
        int tokens = otherTokens + (int) Math.min(textBytes / BYTES_PER_TOKEN, Integer.MAX_VALUE / 2);
        ends[count] = Math.max(tokens, count == 0 ? 1 : ends[count - 1] + 1);
        count++;
    }
}
