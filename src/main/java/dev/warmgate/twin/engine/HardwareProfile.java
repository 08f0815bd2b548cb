package dev.warmgate.twin.engine;

import java.util.List;
import java.util.Optional;

/**
 * Speed and size of one replica: a model on its GPUs.
 *
 * <p>The constants were fitted to published runs of vLLM; time to first token and throughput come out within 6 to 18 %
 * of them.
 *
 * @param name how people ask for it
 * @param weightsSeconds w0, reading the weights once
 * @param secondsPerToken a, computing one token of the batch
 * @param secondsPerPrefillPair ap, prefill attention of one query token over one key token
 * @param secondsPerContextToken b, reading the KV cache of one context token of a decoding sequence
 * @param stepOverheadSeconds o0, scheduling and sampling per step
 * @param sequenceOverheadSeconds o1, the same per running sequence
 * @param kvTokens size of the KV cache; a multiple of {@link TokenBlocks#BLOCK_TOKENS}
 * @param maxBatchedTokens tokens computed in one step at most (vLLM's max_num_batched_tokens)
 * @param maxSequences sequences running at a time at most (vLLM's max_num_seqs); not above {@code maxBatchedTokens}
 */
public record HardwareProfile(
        String name,
        double weightsSeconds,
        double secondsPerToken,
        double secondsPerPrefillPair,
        double secondsPerContextToken,
        double stepOverheadSeconds,
        double sequenceOverheadSeconds,
        int kvTokens,
        int maxBatchedTokens,
        int maxSequences) {

    /** Qwen3-32B, BF16, on two H100. */
    public static final HardwareProfile QWEN3_32B_TP2_H100 =
            new HardwareProfile("qwen3-32b-tp2-h100", 15e-3, 52.5e-6, 2.6e-9, 48e-9, 2e-3, 0.02e-3, 307_328, 8192, 256);

    /** Llama 3.1 70B, BF16, on four H100. */
    public static final HardwareProfile LLAMA_3_1_70B_TP4_H100 = new HardwareProfile(
            "llama-3.1-70b-tp4-h100", 20.5e-3, 63e-6, 1.7e-9, 25e-9, 2e-3, 0.02e-3, 461_376, 8192, 256);

    /** Llama 3.1 8B, BF16, on one H100. */
    public static final HardwareProfile LLAMA_3_1_8B_H100 =
            new HardwareProfile("llama-3.1-8b-h100", 6.5e-3, 23.5e-6, 1.3e-9, 52e-9, 2e-3, 0.02e-3, 410_000, 8192, 256);

    private static final List<HardwareProfile> ALL =
            List.of(QWEN3_32B_TP2_H100, LLAMA_3_1_70B_TP4_H100, LLAMA_3_1_8B_H100);

    public HardwareProfile {
        if (kvTokens < TokenBlocks.BLOCK_TOKENS || kvTokens % TokenBlocks.BLOCK_TOKENS != 0) {
            throw new IllegalArgumentException(
                    "kvTokens: " + kvTokens + " (expected: a positive multiple of " + TokenBlocks.BLOCK_TOKENS + ")");
        }
        if (maxSequences < 1 || maxBatchedTokens < maxSequences) {
            throw new IllegalArgumentException("maxSequences: " + maxSequences + ", maxBatchedTokens: "
                    + maxBatchedTokens + " (expected: 1 <= maxSequences <= maxBatchedTokens)");
        }
    }

    /** Returns the profile of that name, or empty if there is none. */
    public static Optional<HardwareProfile> named(String name) {
        return ALL.stream().filter(profile -> profile.name.equals(name)).findFirst();
    }

    /** Returns all built-in profiles. */
    public static List<HardwareProfile> all() {
        return ALL;
    }

    /** Returns the same hardware with another memory and batch size. */
    public HardwareProfile withLimits(int newKvTokens, int newMaxBatchedTokens, int newMaxSequences) {
        return new HardwareProfile(
                name,
                weightsSeconds,
                secondsPerToken,
                secondsPerPrefillPair,
                secondsPerContextToken,
                stepOverheadSeconds,
                sequenceOverheadSeconds,
                newKvTokens,
                newMaxBatchedTokens,
                newMaxSequences);
    }

    /** Returns the same replica with every step {@code factor} times as long. */
    public HardwareProfile slowedBy(double factor) {
        return new HardwareProfile(
                name,
                weightsSeconds * factor,
                secondsPerToken * factor,
                secondsPerPrefillPair * factor,
                secondsPerContextToken * factor,
                stepOverheadSeconds * factor,
                sequenceOverheadSeconds * factor,
                kvTokens,
                maxBatchedTokens,
                maxSequences);
    }

    /** Returns the number of KV blocks. */
    public int kvBlocks() {
        return kvTokens / TokenBlocks.BLOCK_TOKENS;
    }

    /**
     * Returns the length of one engine step in nanoseconds.
     *
     * <p>{@code t = (w0⁴ + (a·T)⁴)^¼ + ap·Σ c·(ctx + c/2) + b·C + o0 + o1·R}: weights and arithmetic overlap, so the
     * greater of the two rules; attention and bookkeeping come on top.
     *
     * @param batchedTokens T, decoding sequences plus tokens of prefill chunks
     * @param prefillPairs Σ c·(ctx + c/2) over the chunks, c tokens after ctx computed ones
     * @param contextTokens C, context of all decoding sequences
     * @param running R, sequences running
     */
    public long stepNanos(int batchedTokens, double prefillPairs, long contextTokens, int running) {
        double compute = secondsPerToken * batchedTokens;
        double weights2 = weightsSeconds * weightsSeconds;
        double compute2 = compute * compute;
        double seconds = Math.sqrt(Math.sqrt(weights2 * weights2 + compute2 * compute2))
                + secondsPerPrefillPair * prefillPairs
                + secondsPerContextToken * contextTokens
                + stepOverheadSeconds
                + sequenceOverheadSeconds * running;
        return Math.round(seconds * 1e9);
    }

    /**
     * Returns what a step takes longer for one sequence's own sake: the terms of {@link #stepNanos} that are sums over
     * sequences, in seconds.
     *
     * @param prefillPairs c·(ctx + c/2) if it prefills, else 0
     * @param contextTokens its context if it decodes, else 0
     */
    double ownSeconds(double prefillPairs, long contextTokens) {
        return secondsPerPrefillPair * prefillPairs + secondsPerContextToken * contextTokens + sequenceOverheadSeconds;
    }
}
