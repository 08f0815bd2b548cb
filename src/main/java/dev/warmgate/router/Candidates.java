package dev.warmgate.router;

import dev.warmgate.router.prefix.PrefixMatch;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The endpoints that may take one request, as a policy sees them: healthy, serving the model, not tried before.
 *
 * <p>Confined to the thread that routes, and valid only during {@link RoutingPolicy#choose} and {@link RoutingPolicy#price}.
 */
public final class Candidates {
    private final RandomGenerator random;
    private final PrefixMatch match = new PrefixMatch();
    private Endpoint[] own = new Endpoint[8];

    /** {@link #own}, or those of a {@link Suitable}, which are not written to. */
    private Endpoint[] endpoints = own;

    private int size;
    private InferenceRequest request;
    private long nanoTime;
    private Members members;
    private int choice;
    private boolean indexed;
    private double costSeconds;
    private double prefillSeconds;
    private boolean startsSlowly;
    private boolean passes;
    private String refusal = "";

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
        endpoints = own;
        size = 0;
        startsSlowly = false;
        passes = false;
        costSeconds = Double.NaN;
        prefillSeconds = 0;
        match.clear();
    }

    void add(Endpoint endpoint) {
        if (size == own.length) {
            own = Arrays.copyOf(own, size * 2);
            endpoints = own;
        }
        own[size++] = endpoint;
        startsSlowly |= endpoint.share(nanoTime) < 1;
    }

    /** Adds all of them, to none. */
    void fill(Suitable suitable) {
        endpoints = suitable.endpoints();
        size = endpoints.length;
        startsSlowly = suitable.startsSlowly(nanoTime);
    }

    /** Sees to it that some can be taken out. */
    @SuppressWarnings("ReferenceEquality") // whose array it is, not what it holds
    private void own() {
        if (endpoints != own) {
            own = Arrays.copyOf(endpoints, Math.max(own.length, size));
            endpoints = own;
        }
    }

    /** Keeps some, in order, and returns whether any is left. */
    boolean keep(Predicate<Endpoint> which) {
        own();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (which.test(endpoints[i])) {
                endpoints[kept++] = endpoints[i];
            }
        }
        size = kept;
        return kept > 0;
    }

    /** Keeps the first ones, so many. */
    void first(int count) {
        size = Math.min(size, count);
    }

    /** Keeps the last ones, so many. */
    void last(int count) {
        own();
        System.arraycopy(endpoints, size - count, endpoints, 0, count);
        size = count;
    }

    /** Says whether the request goes before those that wait and {@linkplain Room#yields yield}. */
    void passes(boolean does) {
        passes = does;
    }

    /** Returns the requests dispatched to candidate {@code i} and not settled, and those that wait for it before this one. */
    public int requests(int i) {
        return endpoints[i].inFlight() + endpoints[i].parked().requestsBefore(passes);
    }

    /**
     * Returns how long this request would wait at candidate {@code i} for prompts before it, in seconds: those sent there,
     * and those that wait in the gateway for it.
     */
    public double prefillWaitSeconds(int i) {
        return endpoints[i].backlogSeconds(nanoTime) + endpoints[i].parked().secondsBefore(passes);
    }

    /** Returns whether any of them came or came back a short while ago. */
    boolean startsSlowly() {
        return startsSlowly;
    }

    /** Takes those that start slowly out by chance, as often as they shall not have their share, but not all. */
    void thin() {
        own();
        for (int i = size - 1; i >= 0 && size > 1; i--) {
            if (random.nextDouble() >= share(i)) {
                System.arraycopy(endpoints, i + 1, endpoints, i, size - i - 1);
                size--;
            }
        }
    }

    /** Returns the share of its usual work that candidate {@code i} should take: 1, or less while it starts slowly. */
    public double share(int i) {
        return startsSlowly ? members.share(endpoints[i], nanoTime) : 1;
    }

    /** Returns whom these candidates are of. */
    Members members() {
        return members;
    }

    /** Returns the number of candidates. */
    public int size() {
        return size;
    }

    /**
     * Returns tokens of KV cache that are or will be taken at candidate {@code i} by the requests in flight there and by those
     * that wait in the gateway for it before this one.
     */
    public double kvTokens(int i) {
        return endpoints[i].kvTokensInUse(nanoTime) + endpoints[i].parked().tokensBefore(passes);
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

    /**
     * Says why nobody is to have the request.
     *
     * @param sentence for the client
     */
    public void refuse(String sentence) {
        refusal = sentence;
    }

    String refusal() {
        return refusal;
    }

    void chose(int candidate, boolean readIndex) {
        choice = candidate;
        indexed = readIndex;
    }

    /** Returns which one was chosen; valid once that is booked. */
    public int choice() {
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
