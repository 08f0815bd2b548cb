package dev.warmgate.router;

import dev.warmgate.router.admission.Flow;

/** How much work a request is, in seconds of an endpoint. */
final class Work {
    /** Decode of one token takes as long as the prefill of so many, at a usual number of requests per step. */
    private static final double DECODE_TOKENS = 16;

    /** The same for each token of its context, which is read for it. */
    private static final double CONTEXT_TOKENS = 0.001;

    private Work() {}

    /** Returns the work of a request, in seconds of an endpoint. */
    static double seconds(Endpoint endpoint, double prefillSeconds, int promptTokens, double outputTokens) {
        return prefillSeconds
                + endpoint.prefillSecondsPerToken() * outputTokens * (DECODE_TOKENS + CONTEXT_TOKENS * promptTokens);
    }

    /** Returns the work that a request turned out to be, in seconds of its endpoint. */
    static double actualSeconds(Reservation reservation, Usage usage) {
        var endpoint = reservation.endpoint();
        int prompt = reservation.decision().promptTokens();
        int cached = usage.cachedTokens() >= 0 && usage.promptTokens() > 0
                ? (int) ((double) usage.cachedTokens() / usage.promptTokens() * prompt)
                : reservation.decision().cachedTokens();
        double output = usage.outputTokens() >= 0 ? usage.outputTokens() : reservation.expectedOutput();
        return seconds(
                endpoint,
                endpoint.prefillSecondsPerToken() * PrefillSpeeds.effectiveTokens(prompt, prompt - cached),
                prompt,
                output);
    }

    /** Returns how many tokens the answer is expected to have. */
    static double outputTokens(Flow flow, InferenceRequest request) {
        double expected = flow.outputTokens();
        return request.maxOutputTokens() >= 0 ? Math.min(expected, request.maxOutputTokens()) : expected;
    }
}
