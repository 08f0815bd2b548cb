package dev.warmgate.twin.comparator;

/**
 * What the simulator lets a comparator see of the engines: the truth at this moment. A comparator takes from it only
 * what its product really gets, exact prefix matches from KV events for example.
 *
 * <p>Valid during a decision; {@code slot} is an endpoint's number within the pool.
 */
public interface FleetView {
    /** Returns the number of endpoints. */
    int endpoints();

    /**
     * Returns how many tokens of the prompt that is being routed are in the endpoint's KV cache, or on their way into it
     * with requests placed there before: what a router knows that hears of every block and believes its own decisions
     * until then. Without the second half, a burst of one prompt would scatter.
     */
    int cachedTokens(int slot);

    /** Returns prompt tokens that were sent to the endpoint and are neither computed nor cached yet. */
    long pendingPrefillTokens(int slot);

    /**
     * Returns uncached prompt tokens of the requests at the endpoint whose first token has not come, each as it was when
     * the request was placed: what a router that hears of every block books itself.
     */
    long bookedPrefillTokens(int slot);

    /** Returns how many tokens of the prompt that is being routed are in KV blocks that requests at the endpoint use. */
    int usedTokens(int slot);

    /** Returns the tokens that all requests at the endpoint hold or wait for, shared ones once. */
    long tokensHeld(int slot);

    /** Returns the tokens the endpoint's KV cache has room for. */
    long kvTokens(int slot);

    /** Returns requests waiting or running at the endpoint. */
    int inFlight(int slot);
}
