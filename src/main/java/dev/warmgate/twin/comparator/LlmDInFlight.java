package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** llm-d's endpoint picker with the default weights, but load as the picker itself has booked it. */
final class LlmDInFlight implements RoutingPolicy {
    /*
     * score_i = 2·(maxB − B_i)/maxB  +  2·(1 − min(1, (P_i + U_i) / 4,194,304))  +  3·matched_i/total
     *
     * B requests in flight; P uncached tokens placed whose first token has not come; U uncached tokens of this request.
     * active-request-scorer stands in for the queue, token-load-scorer for KV utilisation; both read
     * inflight-load-producer, which releases tokens at the first chunk of the answer. With a threshold of four million
     * tokens the second term hardly moves: 100,000 tokens weigh as much as 1.6 % of the prompt.
     *
     * Source: llm-d-router 0.10: active-request-scorer, token-load-scorer (queueThresholdTokens), prefix-cache-scorer.
     */
    private static final double TOKEN_THRESHOLD = 4_194_304;

    @Override
    public String name() {
        return "llm-d-inflight";
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        double most = Least.mostInFlight(candidates);
        int prompt = candidates.request().prompt().tokens();
        return Least.of(candidates, i -> {
            var endpoint = candidates.endpoint(i);
            double requests = endpoint.inFlight() == 0 ? 1 : (most - endpoint.inFlight()) / most;
            double tokens = endpoint.pendingPrefillTokens()
                    + prompt
                    - candidates.match().cachedTokens(endpoint.slot());
            double load = 1 - Math.min(1, tokens / TOKEN_THRESHOLD);
            return -(LlmD.QUEUE * requests + LlmD.KV * load + LlmD.PREFIX * LlmD.prefix(candidates, i));
        });
    }
}
