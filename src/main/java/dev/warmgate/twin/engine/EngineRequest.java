package dev.warmgate.twin.engine;

import java.util.Arrays;

/**
 * One request in a replica: what was asked, and how far it has come.
 *
 * <p>The answer's tokens are given with the prompt, because a simulated answer is known beforehand: its blocks become
 * visible in the cache only when they are generated. Confined to the thread that drives its engine; belongs to one
 * engine and is used once.
 */
public final class EngineRequest {
    /** Where a request is in its life. */
    enum State {
        NEW,
        WAITING,
        RUNNING,
        FINISHED,
        ABORTED
    }

    private final long id;
    private final int promptTokens;
    private final int outputTokens;
    private final TokenListener listener;

    final TokenBlocks sequence;
    State state = State.NEW;

    /** KV blocks held, in the order of the sequence. */
    int[] blocks = new int[0];

    int blockCount;

    /** Tokens whose KV entries exist. */
    int computed;

    /** Tokens computed by the step in progress. */
    int scheduled;

    /** What its steps took for its sake. */
    double workSeconds;

    int generated;
    int cachedTokens = -1;
    long submittedAt;
    long firstTokenAt;
    long lastTokenAt;

    /**
     * Creates a request.
     *
     * @param id the caller's name for it; the engine does not use it
     * @param sequence the prompt and, behind it, the whole answer
     * @param promptTokens how many of these tokens are the prompt; at least 1
     * @param listener hears of each token
     */
    public EngineRequest(long id, TokenBlocks sequence, int promptTokens, TokenListener listener) {
        if (promptTokens < 1 || promptTokens >= sequence.tokens()) {
            throw new IllegalArgumentException("promptTokens: " + promptTokens
                    + " (expected: at least 1 and less than the " + sequence.tokens() + " of prompt and answer)");
        }
        this.id = id;
        this.sequence = sequence;
        this.promptTokens = promptTokens;
        this.outputTokens = sequence.tokens() - promptTokens;
        this.listener = listener;
    }

    /** Returns the caller's name for this request. */
    public long id() {
        return id;
    }

    /** Returns the tokens of the prompt. */
    public int promptTokens() {
        return promptTokens;
    }

    /** Returns the tokens this request will have generated when it finishes. */
    public int outputTokens() {
        return outputTokens;
    }

    /** Returns the tokens generated so far. */
    public int generatedTokens() {
        return generated;
    }

    /** Returns the prompt tokens found in the cache when the request was first admitted; -1 before that. */
    public int cachedTokens() {
        return cachedTokens;
    }

    /** Returns the pairs of tokens that attention looks at for what is scheduled of its prompt: c·(ctx + c/2). */
    double scheduledPairs() {
        return scheduled * (computed + scheduled / 2.0);
    }

    /**
     * Returns the seconds of the replica that it took: of each step what only its attention took, and of the rest, such as
     * reading the weights, its share of the tokens. Those of all requests add up to the time in which the replica worked.
     */
    public double workSeconds() {
        return workSeconds;
    }

    /** Returns whether all tokens were generated. */
    public boolean finished() {
        return state == State.FINISHED;
    }

    /** Returns whether the request waits or runs. */
    public boolean active() {
        return state == State.WAITING || state == State.RUNNING;
    }

    /** Returns when it was submitted, in nanoseconds of model time. */
    public long submittedAt() {
        return submittedAt;
    }

    /** Returns when its first token was generated, in nanoseconds of model time; 0 before that. */
    public long firstTokenAt() {
        return firstTokenAt;
    }

    /** Returns when its latest token was generated, in nanoseconds of model time; 0 before the first. */
    public long lastTokenAt() {
        return lastTokenAt;
    }

    TokenListener listener() {
        return listener;
    }

    /** Returns the tokens known by now: the prompt and what was generated. */
    int knownTokens() {
        return promptTokens + generated;
    }

    /** Returns whether the next step computes exactly the token generated last. */
    boolean decoding() {
        return generated > 0 && computed == knownTokens() - 1;
    }

    void addBlock(int block) {
        if (blockCount == blocks.length) {
            // Room for the known tokens at once: decoding then grows by doubling what is left.
            blocks = Arrays.copyOf(blocks, Math.max(TokenBlocks.blocksFor(knownTokens()) + 8, blockCount * 2));
        }
        blocks[blockCount++] = block;
    }

    @Override
    public String toString() {
        return "EngineRequest[" + id + " " + state + ", " + computed + " computed of " + promptTokens + " + "
                + generated + " of " + outputTokens + "]";
    }
}
