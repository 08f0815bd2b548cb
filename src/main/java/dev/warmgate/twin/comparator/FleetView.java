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

    /** Returns how many tokens of the prompt that is being routed are in the endpoint's KV cache. */
    int cachedTokens(int slot);

    /** Returns prompt tokens that were sent to the endpoint and are neither computed nor cached yet. */
    long pendingPrefillTokens(int slot);

    /** Returns the tokens that all requests at the endpoint hold or wait for. */
    long tokensHeld(int slot);

    /** Returns the tokens the endpoint's KV cache has room for. */
    long kvTokens(int slot);

    /** Returns requests waiting or running at the endpoint. */
    int inFlight(int slot);
}
