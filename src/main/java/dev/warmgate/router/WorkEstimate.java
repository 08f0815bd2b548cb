package dev.warmgate.router;

/**
 * The work that a request is expected to be wherever it goes, before anybody knows what is cached there.
 *
 * @param prefillSeconds for the whole prompt, in seconds of an endpoint
 * @param secondsPerOutputToken for each token of its answer
 */
public record WorkEstimate(double prefillSeconds, double secondsPerOutputToken) {
    /** Nothing is known. */
    public static final WorkEstimate NONE = new WorkEstimate(0, 0);

    static WorkEstimate of(Pool pool, InferenceRequest request) {
        int prompt = request.prompt().tokens();
        double tokens = PrefillSpeeds.effectiveTokens(prompt, prompt);
        double prefill = 0;
        double output = 0;
        var endpoints = pool.endpoints();
        for (var endpoint : endpoints) {
            prefill += endpoint.prefillSecondsPerToken() * tokens;
            output += Work.seconds(endpoint, 0, prompt, 1, RunningAnswers.Company.USUAL);
        }
        int count = Math.max(1, endpoints.size());
        return new WorkEstimate(prefill / count, output / count);
    }
}
