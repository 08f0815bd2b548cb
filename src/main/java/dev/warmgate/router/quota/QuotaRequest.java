package dev.warmgate.router.quota;

import static java.util.Objects.requireNonNull;

/**
 * What is known of a request before it is admitted.
 *
 * @param tenant who pays
 * @param model the model asked for
 * @param promptTokens the prompt's tokens, estimated; at least 0
 * @param cachedTokens how many of them are believed to be cached; 0 to promptTokens, 0 if unknown
 * @param maxOutputTokens the client's limit on generated tokens, over all answers if it asks for several; -1 if it set
 *     none
 * @param expectedOutputTokens what such requests generate, -1 if unknown; used only where there is no maximum
 * @param growing whether the answer can be followed while it is generated (a stream), so that
 *     {@link QuotaLease#progress} will be called
 * @param prefillGpuSeconds estimated time for the prompt; 0 to {@link #MOST_GPU_SECONDS}
 * @param gpuSecondsPerOutputToken estimated time for each output token; 0 to {@link #MOST_GPU_SECONDS}
 */
public record QuotaRequest(
        String tenant,
        String model,
        int promptTokens,
        int cachedTokens,
        int maxOutputTokens,
        int expectedOutputTokens,
        boolean growing,
        double prefillGpuSeconds,
        double gpuSecondsPerOutputToken) {
    /** Eleven days; more than any request takes. */
    public static final double MOST_GPU_SECONDS = 1e6;

    public QuotaRequest {
        requireNonNull(tenant, "tenant");
        requireNonNull(model, "model");
        if (promptTokens < 0) {
            throw new IllegalArgumentException("promptTokens: " + promptTokens + " (expected: at least 0)");
        }
        if (cachedTokens < 0 || cachedTokens > promptTokens) {
            throw new IllegalArgumentException(
                    "cachedTokens: " + cachedTokens + " (expected: 0 to " + promptTokens + ", the prompt's tokens)");
        }
        requireTokens("maxOutputTokens", maxOutputTokens);
        requireTokens("expectedOutputTokens", expectedOutputTokens);
        requireSeconds("prefillGpuSeconds", prefillGpuSeconds);
        requireSeconds("gpuSecondsPerOutputToken", gpuSecondsPerOutputToken);
    }

    /** Creates a request of which nothing is known about cache, usual length and GPU time. */
    public QuotaRequest(String tenant, String model, int promptTokens, int maxOutputTokens, boolean growing) {
        this(tenant, model, promptTokens, 0, maxOutputTokens, -1, growing, 0, 0);
    }

    /** Returns the output tokens to reserve before the first one is there. */
    int outputToReserve(QuotaSpec spec) {
        if (maxOutputTokens < 0) {
            return expectedOutputTokens >= 0 ? expectedOutputTokens : spec.expectedOutputTokens();
        }
        return growing ? Math.min(maxOutputTokens, spec.wholeAnswerTokens()) : maxOutputTokens;
    }

    private static void requireTokens(String name, int tokens) {
        if (tokens < -1) {
            throw new IllegalArgumentException(name + ": " + tokens + " (expected: at least 0, or -1 for none)");
        }
    }

    private static void requireSeconds(String name, double seconds) {
        if (!(seconds >= 0 && seconds <= MOST_GPU_SECONDS)) {
            throw new IllegalArgumentException(
                    name + ": " + seconds + " (expected: 0 to " + QuotaKind.plain(MOST_GPU_SECONDS) + ")");
        }
    }
}
