package dev.warmgate.router;

import dev.warmgate.router.RunningAnswers.Company;
import dev.warmgate.router.admission.Charge;
import dev.warmgate.router.admission.Flow;

/** How much work a request is, in seconds of an endpoint. */
final class Work {
    /*
     * Engines work in steps, and a step of T tokens, k of them of answers, takes as long as
     *
     *   s(T, k) = (WEIGHTS⁴ + T⁴)^¼ + STEP + SEQUENCE·k
     *
     * tokens of prefill: reading the weights overlaps with arithmetic, so the longer of both rules, and scheduling comes on
     * top. Who is in it pays for its tokens: s(T, k) / T for each. A prompt brings its tokens along, up to what a step takes; a
     * token of an answer shares its step with those of the answers that run side by side, and sometimes with a prompt, which
     * is why the price of an answer depends on who else was there: 324 tokens alone, 5 among sixty. Attention is what each
     * pays by itself: in a prompt it is part of its effective tokens, and an answer reads its context again for each token.
     *
     * The constants are those of the profiles of the twin (docs/validation.md), where they lie close together although the
     * hardware does not: 276 to 325, 32 to 85, 0.3 to 0.85 and 4e-4 to 2.2e-3 tokens.
     */

    /** Reading the weights takes as long as the prefill of so many tokens. */
    private static final double WEIGHTS_TOKENS = 286;

    /** Scheduling a step. */
    private static final double STEP_TOKENS = 38;

    /** The same for each answer in it. */
    private static final double SEQUENCE_TOKENS = 0.4;

    /** Reading a token of context. */
    private static final double CONTEXT_TOKENS = 0.001;

    /** Tokens of a prompt that go into one step. */
    static final int MOST_TOKENS = 8_192;

    /**
     * Share of an answer that is charged when it has ended, so that what is charged is at any time about what was done: were all
     * of it charged when it begins, whoever has long prompts and short answers would be ahead or behind whenever more or fewer
     * answers run than before.
     */
    private static final double LATER = 0.5;

    private Work() {}

    /**
     * Returns the work of a request, in seconds of an endpoint.
     *
     * @param company with whom its answer shares steps
     */
    static double seconds(
            Endpoint endpoint, double prefillSeconds, int promptTokens, double outputTokens, Company company) {
        double perToken = endpoint.prefillSecondsPerToken();
        double context = promptTokens + outputTokens / 2;
        double answer = outputTokens * (company.tokenPrice() + CONTEXT_TOKENS * context);
        double step = Math.min(MOST_TOKENS, prefillSeconds / perToken + company.answers());
        double prompt = prefillSeconds * price(step, company.answers());
        return prompt + perToken * answer;
    }

    /** Returns the work of a request that would go to an endpoint now, as expected. */
    static double expectedSeconds(Endpoint endpoint, double prefillSeconds, int promptTokens, double outputTokens) {
        return endpoint.workScale().factor()
                * seconds(
                        endpoint,
                        prefillSeconds,
                        promptTokens,
                        outputTokens,
                        endpoint.answers().usual());
    }

    /** Returns what is booked for a request that goes to an endpoint now. */
    static Charge charge(Endpoint endpoint, double prefillSeconds, int promptTokens, double outputTokens) {
        double all = expectedSeconds(endpoint, prefillSeconds, promptTokens, outputTokens);
        double prompt = expectedSeconds(endpoint, prefillSeconds, promptTokens, 0);
        return new Charge(all, prefillSeconds, (all - prompt) * LATER);
    }

    /**
     * Returns what each of the tokens of a step takes, in tokens of prefill.
     *
     * @param answers how many of them are of answers
     */
    static double price(double tokens, double answers) {
        double weights2 = WEIGHTS_TOKENS * WEIGHTS_TOKENS;
        double tokens2 = tokens * tokens;
        return (Math.sqrt(Math.sqrt(weights2 * weights2 + tokens2 * tokens2)) + STEP_TOKENS + SEQUENCE_TOKENS * answers)
                / tokens;
    }

    /**
     * Returns the work that a request turned out to be, in seconds of its endpoint.
     *
     * @param company as in {@link #seconds}
     */
    static double actualSeconds(Reservation reservation, Usage usage, Company company) {
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
                output,
                company);
    }

    /** Returns how many tokens of KV cache a request will take, as far as expected, where nobody else uses any of them. */
    static double tokens(Flow flow, InferenceRequest request) {
        return request.prompt().tokens() + outputTokens(flow, request);
    }

    /** Returns how many tokens of KV cache a request will take at the chosen endpoint beyond those in use there. */
    static double addedTokens(Flow flow, Candidates candidates) {
        int shared = candidates.indexed()
                ? candidates.match().pinnedTokens(candidates.chosen().slot())
                : 0;
        return tokens(flow, candidates.request()) - shared;
    }

    /** Returns how many tokens the answer is expected to have. */
    static double outputTokens(Flow flow, InferenceRequest request) {
        double expected = flow.outputTokens();
        return request.maxOutputTokens() >= 0 ? Math.min(expected, request.maxOutputTokens()) : expected;
    }
}
