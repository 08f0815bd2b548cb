package dev.warmgate.router;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint and its live state.
 *
 * <p>Threads: the in-flight counters and the learned speed are written under the pool's lock and may be read by anyone;
 * health, models and engine load may be reported and read by any thread.
 */
public final class Endpoint {
    /** Whether an endpoint takes part. */
    public enum State {
        /** It takes requests while it is well. */
        ACTIVE,
        /** It takes no new requests until it is taken back; those in flight finish. */
        DRAINING,
        /** It is configured no more: it takes no new requests and is gone when those in flight have ended. */
        LEAVING,
        /** It is no longer part of its pool. */
        GONE
    }

    /** Whether an endpoint is well, as far as is known. */
    public enum Condition {
        WELL,
        /** Its requests failed: it is left alone for a while. */
        EJECTED,
        /** Its last check failed. */
        SICK,
        /** Its last check was refused: its process is gone. */
        GONE
    }

    private final int slot;
    private final Runnable changed;
    private final Health health;
    private final Allowance allowance = new Allowance();
    private final PrefillSpeeds.Log speedLog = new PrefillSpeeds.Log();
    private final PrefillQueue prefill = new PrefillQueue();
    private final RunningAnswers answers = new RunningAnswers();
    private final SpareSeconds spare = new SpareSeconds();
    private final WorkScale workScale = new WorkScale();
    private final Parked parked = new Parked();

    // Guarded by the pool's lock.
    private boolean wanted = true;
    private boolean draining;

    // Written under the pool's lock; volatile so that metrics read them without it.
    private volatile EndpointSpec spec;
    private volatile State state = State.ACTIVE;
    private volatile int inFlight;
    private volatile long kvPromptTokens;

    /** Of the answers in flight; guarded by the pool's lock. */
    private double expectedOutputTokens;

    private volatile long kvCapacityTokens;
    private volatile double prefillSecondsPerToken = PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN;

    /** Whether this is more than a guess; guarded by the pool's lock. */
    private boolean speedKnown;

    private volatile @Nullable Set<String> models;
    private volatile @Nullable EngineLoad engineLoad;

    /**
     * Creates an endpoint that is well.
     *
     * @param changed told, after each change, that other requests than before may go here, and not only because time passed
     */
    Endpoint(EndpointSpec spec, int slot, HealthPolicy policy, LongSupplier nanoTime, Runnable changed) {
        this.spec = spec;
        this.slot = slot;
        this.changed = changed;
        this.health = new Health(policy, nanoTime, spec.name().hashCode(), changed);
    }

    /** Returns what was configured. */
    public EndpointSpec spec() {
        return spec;
    }

    /** Returns the endpoint's name. */
    public String name() {
        return spec.name();
    }

    /** Returns the endpoint's base address. */
    public URI address() {
        return spec.address();
    }

    /** Returns the endpoint's number within its pool, from 0; once it is gone, another may have it. */
    public int slot() {
        return slot;
    }

    /** Returns requests dispatched here and not settled. */
    public int inFlight() {
        return inFlight;
    }

    /** Returns requests dispatched here and not settled, and those that wait in the gateway for this endpoint. */
    public int requests() {
        return inFlight + parked.requestsBefore(false);
    }

    /** Returns uncached prompt tokens dispatched here whose first response token has not come. */
    public long pendingPrefillTokens() {
        return prefill.tokens();
    }

    /** Returns whether, as far as is known, no prompt is prefilled here. Under the pool's lock only. */
    boolean prefillsNothing(long now) {
        return prefill.isDone(now);
    }

    /** Returns how long the prefill of these tokens is expected to take, in seconds, as the policy predicted it. */
    public double pendingPrefillSeconds() {
        return prefill.nanos() * 1e-9;
    }

    /**
     * Returns how long a prompt that comes here now waits for those before it, in seconds: those sent here, and those
     * that wait in the gateway for this endpoint. For policies: under the pool's lock only.
     *
     * @param now the router's clock
     */
    public double prefillWaitSeconds(long now) {
        return prefill.waitSeconds(now) + parked.secondsBefore(false);
    }

    /**
     * Returns how long a prompt that is sent here now waits for those that were sent before, as far as that is known: an
     * endpoint that never told its speed is not taken for a slow one. Under the pool's lock only.
     */
    double backlogSeconds(long now) {
        return speedKnown ? prefill.waitSeconds(now) : prefill.streamedWaitSeconds(now);
    }

    /**
     * Returns seconds of prefill dispatched here per second, about the last minute's. For policies: under the pool's lock
     * only.
     *
     * @param now the router's clock
     */
    public double prefillUtilisation(long now) {
        return prefill.utilisation(now);
    }

    /**
     * Returns how many answers here a prompt is expected to make too slow. For policies: under the pool's lock only.
     *
     * @param prefillSeconds how long its prefill takes
     * @param now the router's clock
     */
    public double answersHarmed(double prefillSeconds, long now) {
        return spare.harmed(prefill.waitSeconds(now), prefillSeconds, now);
    }

    /**
     * Returns tokens of KV cache that the requests in flight here take: their prompts, shared parts once, and what is
     * believed to be generated. For policies: under the pool's lock only.
     *
     * @param now the router's clock
     */
    public double kvTokensInUse(long now) {
        return kvPromptTokens + answers.tokens(now);
    }

    /**
     * The same, where an answer takes no more than is expected of it: one that stalls goes on by the clock. Under the pool's
     * lock only.
     */
    double kvTokensTaken(long now) {
        return kvPromptTokens + Math.min(answers.tokens(now), expectedOutputTokens);
    }

    /** Returns how many tokens the KV cache here holds, as its engine or the configuration says; 0 while nobody does. */
    public long kvCapacityTokens() {
        return kvCapacityTokens;
    }

    /**
     * Returns how long this endpoint takes to prefill one effective token, in seconds: as learned from its answers, else
     * the median of the pool's endpoints that have been learned, else a guess.
     *
     * @see PrefillSpeeds#effectiveTokens
     */
    public double prefillSecondsPerToken() {
        return prefillSecondsPerToken;
    }

    /** Returns whether it takes part. */
    public State state() {
        return state;
    }

    /** Returns whether it is well, as far as is known. */
    public Condition condition() {
        return health.condition();
    }

    /**
     * Returns the share of its usual work that this endpoint should take: less than 1 for a while after it came or came back.
     *
     * @param now the router's clock
     */
    public double share(long now) {
        return health.share(now);
    }

    /** Returns whether new requests may be sent here now and it is believed to be well. */
    public boolean available() {
        return state == State.ACTIVE && health.available();
    }

    /** Returns whether {@link #available} may change because time passes. */
    boolean ejected() {
        return health.ejected();
    }

    /** Returns how much longer its {@link #share} is less than 1; 0 or less if it is not. */
    long slowNanos(long now) {
        return health.slowNanos(now);
    }

    /** Returns how long until this endpoint is believed to be well and may be tried again; zero if it is. */
    public Duration unavailableFor() {
        return health.unavailableFor();
    }

    /** Reports that a whole answer came. */
    public void reportSuccess() {
        health.success();
    }

    /** Returns whether a whole answer came within a time that ends now. */
    public boolean answeredWithin(Duration time) {
        return health.succeededWithin(time);
    }

    /** Reports that a request failed here. */
    public void reportFailure(FailureKind kind) {
        health.failure(kind);
    }

    /** Reports the result of an active check: alive, or refused. */
    public void reportCheck(boolean alive) {
        reportCheck(alive ? CheckResult.ALIVE : CheckResult.REFUSED);
    }

    /** Reports the result of an active check. */
    public void reportCheck(CheckResult result) {
        health.check(result);
    }

    /** Hears that it begins to take requests, or does again. */
    void begins() {
        health.begins();
    }

    /** Publishes the models that this endpoint says it serves. */
    public void models(Set<String> served) {
        if (!served.equals(models)) {
            models = Set.copyOf(served);
            changed.run();
        }
    }

    /** Returns the models served, or null if the endpoint has not told yet. */
    public @Nullable Set<String> models() {
        return models;
    }

    /** Publishes what the engine said about its load. */
    public void engineLoad(EngineLoad load) {
        engineLoad = load;
    }

    /** Returns what the engine last said about its load, or null if it never did. */
    public @Nullable EngineLoad engineLoad() {
        return engineLoad;
    }

    /** Takes what is configured now, name and address being the same. */
    void become(EndpointSpec newSpec, HealthPolicy policy) {
        spec = newSpec;
        health.policy(policy);
        changed.run();
    }

    void wanted(boolean is) {
        wanted = is;
        state(stateNow());
    }

    /** Returns whether somebody asked to drain it. */
    boolean draining() {
        return draining;
    }

    void draining(boolean is) {
        draining = is;
        state(stateNow());
    }

    void gone() {
        state(State.GONE);
    }

    private void state(State now) {
        state = now;
        changed.run();
    }

    private State stateNow() {
        return !wanted ? State.LEAVING : draining ? State.DRAINING : State.ACTIVE;
    }

    Allowance allowance() {
        return allowance;
    }

    PrefillSpeeds.Log speedLog() {
        return speedLog;
    }

    void prefillSecondsPerToken(double seconds) {
        prefillSecondsPerToken = seconds;
        speedKnown = true;
    }

    // Only under the pool's lock, so that plain read-modify-write on the volatiles is safe.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void book(int requests, long now) {
        workScale.pass(inFlight > 0, now);
        inFlight += requests;
    }

    /** Hears how many tokens more, or fewer, answers in flight are expected to have. */
    void expectOutput(double tokens) {
        expectedOutputTokens = inFlight == 0 ? 0 : expectedOutputTokens + tokens;
    }

    /** Returns what waits in the gateway for this endpoint. */
    Parked parked() {
        return parked;
    }

    /** Returns how work compares with time here. Under the pool's lock only. */
    WorkScale workScale() {
        return workScale;
    }

    void beginPrefill(Reservation reservation, long now) {
        prefill.add(
                reservation.prefillTokens(),
                reservation.prefillNanos(),
                reservation.request().streamed(),
                now);
    }

    void endPrefill(Reservation reservation) {
        prefill.remove(
                reservation.prefillTokens(),
                reservation.prefillNanos(),
                reservation.request().streamed());
    }

    /** Returns by how much answers here can be stalled. Under the pool's lock only. */
    SpareSeconds spare() {
        return spare;
    }

    /** Returns who shares the steps here. Under the pool's lock only. */
    RunningAnswers answers() {
        return answers;
    }

    void kvPromptTokens(long tokens) {
        kvPromptTokens = tokens;
    }

    void kvCapacityTokens(long tokens) {
        kvCapacityTokens = tokens;
    }

    @Override
    public String toString() {
        return spec.name() + "[inFlight=" + inFlight + ", pendingPrefill=" + prefill.tokens() + ", " + state
                + ", available=" + available() + "]";
    }
}
