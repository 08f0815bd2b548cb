package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/** llm-d's endpoint picker with the default weights, but with requests counted by itself instead of scraped queues. */
final class LlmDInFlight implements RoutingPolicy {
    /*
     * score_i = 2·(maxB − B_i)/maxB  +  2·(1 − K_i)  +  3·matched_i/total        the greatest wins, ties at random
     *
     * B requests in flight, booked with the decision: active-request-scorer in the place of queue-scorer. K stays scraped:
     * token-load-scorer in its place, 1 − min(1, tokens/4,194,304), tells no endpoint from another at the loads compared
     * here (100,000 tokens weigh as much as 1.6 % of the prompt), and without K the prefix, 3 against 2, never leaves a
     * home however busy it is.
     *
     * Source: llm-d-router 0.10: active-request-scorer (idleThreshold 0, maxBusyScore 1), the others as in LlmD.
     */
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
        return Least.of(candidates, i -> {
            var endpoint = candidates.endpoint(i);
            double requests = endpoint.inFlight() == 0 ? 1 : (most - endpoint.inFlight()) / most;
            return -(LlmD.QUEUE * requests
                    + LlmD.KV * (1 - LlmD.kvUsage(endpoint))
                    + LlmD.PREFIX * LlmD.prefix(candidates, i));
        });
    }
}
