package dev.warmgate.router;

import dev.warmgate.router.RunningAnswers.Company;
import dev.warmgate.router.admission.Charge;
import dev.warmgate.router.admission.Flow;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Load booked for one request on one endpoint, at the moment the endpoint was chosen.
 *
 * <p>Any thread; whoever ends the request calls {@link #settle}, and only the first call counts.
 */
public final class Reservation {
    /** So many others are known that may have a request. */
    public static final int MOST_ALTERNATIVES = 8;

    private final Pool pool;
    private final RoutingPolicy chooser;
    private final Endpoint endpoint;
    private final Decision decision;
    private final InferenceRequest request;
    private final long prefillNanos;

    /** What the endpoint's cache was believed to hold of the prompt, by the prefix index's clock. */
    private final long stamp;

    /** What the prefix index must be told when the request ends. */
    private final int pin;

    private final long placedAt;

    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Written before anybody else has it. */
    private @Nullable List<Endpoint> alternatives;

    /** Guarded by the pool's lock. */
    private boolean prefilling = true;

    // The same.
    private boolean answering;
    private long firstTokenAt;

    /** Whose account it is on, with what was booked there; null if admission is off. */
    private @Nullable Flow flow;

    private Charge charge = Charge.NONE;

    /** Of its work, in seconds before they are scaled, what its endpoint's {@link WorkScale} has counted. */
    private double countedSeconds;

    /** {@link Allowance#stretches} when it was sent; guarded by the pool's lock. */
    private int stretches;

    // The same.
    private RunningAnswers.@Nullable Mark began;
    private SpareSeconds.@Nullable Begin spare;
    private @Nullable Company company;

    private double expectedOutput;

    /** What may be learned from the time to the first token. */
    private Telling telling = Telling.NOTHING;

    Reservation(
            Pool pool,
            RoutingPolicy chooser,
            Endpoint endpoint,
            InferenceRequest request,
            Decision decision,
            double prefillSeconds,
            long placedAt,
            long stamp,
            int pin) {
        this.pool = pool;
        this.chooser = chooser;
        this.endpoint = endpoint;
        this.request = request;
        this.decision = decision;
        this.prefillNanos = (long) (prefillSeconds * 1e9);
        this.placedAt = placedAt;
        this.stamp = stamp;
        this.pin = pin;
    }

    /** Returns the chosen endpoint. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Returns why and at what price it was chosen. */
    public Decision decision() {
        return decision;
    }

    /** Tells that the first response token came: prefill is over. Later calls change nothing. */
    public void firstToken() {
        pool.firstToken(this);
    }

    /**
     * Ends the reservation and frees all it booked.
     *
     * @param usage what the engine counted, or {@link Usage#UNKNOWN}
     * @return whether this call ended it; false if an earlier one did
     */
    public boolean settle(Usage usage) {
        return pool.settle(this, usage);
    }

    /**
     * Returns the work that the request was by that count, in seconds of an endpoint that decodes as many answers side by side
     * as usual: who pays for it does not pay more because others were few.
     */
    public double workSeconds(Usage usage) {
        return Work.actualSeconds(this, usage, Company.USUAL);
    }

    /** Returns what was routed. */
    public InferenceRequest request() {
        return request;
    }

    /** Returns header fields that the client is told with the answer, so that its next request can say them. */
    public Map<String, String> tells() {
        return chooser.tells(request, endpoint);
    }

    /**
     * Returns who else the policy would have take the request, the best first, at most {@link #MOST_ALTERNATIVES}; null
     * where anybody may that serves it.
     */
    public @Nullable List<Endpoint> alternatives() {
        return alternatives;
    }

    void alternatives(@Nullable List<Endpoint> others) {
        alternatives = others;
    }

    RoutingPolicy chooser() {
        return chooser;
    }

    int prefillTokens() {
        return decision.promptTokens() - decision.cachedTokens();
    }

    long prefillNanos() {
        return prefillNanos;
    }

    long stamp() {
        return stamp;
    }

    int pin() {
        return pin;
    }

    /** What the time to a first token tells about the speed of the endpoint. */
    enum Telling {
        /** The endpoint was prefilling something else. */
        NOTHING,
        /** The speed, if the engine says how much of the prompt it had to compute. */
        IF_TOLD,
        /** The speed: nothing of the prompt was held by the endpoint and is believed to be evicted. */
        SPEED
    }

    void telling(Telling what) {
        telling = what;
    }

    Telling telling() {
        return telling;
    }

    void charge(Flow to, Charge booked, double counted, double outputTokens) {
        flow = to;
        charge = booked;
        countedSeconds = counted;
        expectedOutput = outputTokens;
    }

    @Nullable
    Flow flow() {
        return flow;
    }

    Charge charge() {
        return charge;
    }

    double countedSeconds() {
        return countedSeconds;
    }

    double expectedOutput() {
        return expectedOutput;
    }

    int stretches() {
        return stretches;
    }

    void stretches(int count) {
        stretches = count;
    }

    /** Hears that it was sent. When an answer begins that is not streamed nobody will hear. */
    void begins(long now) {
        endpoint.beginPrefill(this, now);
        if (!request.streamed()) {
            joins(now);
        }
    }

    /** Hears that the first token came. */
    void answers(long now) {
        answering = true;
        firstTokenAt = now;
        if (request.streamed()) {
            joins(now);
        }
    }

    /** Its answer is being generated from now on, as far as anybody knows. */
    private void joins(long now) {
        began = endpoint.answers().mark(now);
        endpoint.answers().begin(now);
        double target = request.standing().tpotSeconds();
        if (request.streamed() && target < Double.POSITIVE_INFINITY) {
            spare = endpoint.spare().begin(target, now);
        }
    }

    /** Hears that its answer, if it had one, is not generated any more. */
    void leaves(Usage usage, long now) {
        if (began != null) {
            company = endpoint.answers().since(began, usage.outputTokens(), now);
            endpoint.answers().end(began.at(), now, usage.outputTokens());
        }
        if (spare != null) {
            endpoint.spare().end(spare, usage.outputTokens(), now);
        }
    }

    /** Returns with whom its answer shared steps, or before it has ended, what is usual there. */
    Company company() {
        return company != null ? company : endpoint.answers().usual();
    }

    /** Returns whether a first token came. */
    boolean answering() {
        return answering;
    }

    /** Returns when the first token came, on the router's clock. */
    long firstTokenAt() {
        return firstTokenAt;
    }

    /** Returns the time from placing the request to the first token. */
    long ttftNanos() {
        return firstTokenAt - placedAt;
    }

    boolean endPrefill() {
        boolean was = prefilling;
        prefilling = false;
        return was;
    }

    boolean close() {
        return open.getAndSet(false);
    }

    @Override
    public String toString() {
        return "Reservation[" + decision + ", " + (open.get() ? prefilling ? "prefill" : "decode" : "settled") + "]";
    }
}
