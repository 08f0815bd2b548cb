package dev.warmgate.router;

import dev.warmgate.router.prefix.PrefixMatch;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The endpoints that may take one request, as a policy sees them: healthy, serving the model, not tried before.
 *
 * <p>Confined to the thread that routes, and valid only during {@link RoutingPolicy#choose} and {@link RoutingPolicy#price}.
 */
public final class Candidates {
    private final RandomGenerator random;
    private final PrefixMatch match = new PrefixMatch();
    private Endpoint[] endpoints = new Endpoint[8];
    private int size;
    private InferenceRequest request;
    private long nanoTime;
    private Members members;
    private int choice;
    private boolean indexed;
    private double costSeconds;
    private double prefillSeconds;

    Candidates(RandomGenerator random, InferenceRequest nothing, Members members) {
        this.random = random;
        this.request = nothing;
        this.members = members;
    }

    /** Begins anew, to be filled with some of these members. */
    void begin(InferenceRequest newRequest, Members from, long now) {
        request = newRequest;
        members = from;
        nanoTime = now;
        size = 0;
        costSeconds = Double.NaN;
        prefillSeconds = 0;
        match.clear();
    }

    void add(Endpoint endpoint) {
        if (size == endpoints.length) {
            endpoints = Arrays.copyOf(endpoints, size * 2);
        }
        endpoints[size++] = endpoint;
    }

    /** Returns whom these candidates are of. */
    Members members() {
        return members;
    }

    /** Returns the number of candidates. */
    public int size() {
        return size;
    }

    /** Returns candidate {@code i}. */
    public Endpoint endpoint(int i) {
        return endpoints[i];
    }

    /** Returns the request to be placed. */
    public InferenceRequest request() {
        return request;
    }

    /** Returns what the fleet is believed to hold of the prompt; empty for a policy that does not read the index. */
    public PrefixMatch match() {
        return match;
    }

    /** Returns the router's clock at the start of this decision. */
    public long nanoTime() {
        return nanoTime;
    }

    /** Returns the source of randomness, for ties. */
    public RandomGenerator random() {
        return random;
    }

    /** Records the price of the choice, for the {@link Decision}. */
    public void costSeconds(double seconds) {
        costSeconds = seconds;
    }

    /** Records how long the chosen endpoint will take for this request's prefill, by the policy's prediction. */
    public void prefillSeconds(double seconds) {
        prefillSeconds = seconds;
    }

    void chose(int candidate, boolean readIndex) {
        choice = candidate;
        indexed = readIndex;
    }

    int choice() {
        return choice;
    }

    Endpoint chosen() {
        return endpoints[choice];
    }

    /** Returns whether {@link #match} was filled for this choice. */
    boolean indexed() {
        return indexed;
    }

    double costSeconds() {
        return costSeconds;
    }

    double prefillSeconds() {
        return prefillSeconds;
    }
}
