package dev.warmgate.twin.engine;

import static dev.warmgate.twin.engine.TokenBlocks.BLOCK_TOKENS;

import dev.warmgate.twin.engine.EngineRequest.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One replica: a scheduler, its KV cache, and the time its steps take.
 *
 * <p>The caller owns time. {@link #submit} and {@link #abort} say when they happen, {@link #nextEventAt} tells when
 * something will happen next, and {@link #advance} makes it happen. Time never runs backwards. Simultaneous submits share
 * a step if they all come before {@link #advance} reaches their moment.
 *
 * <p>Confined to one thread. A step costs O(running sequences), an admission O(blocks of its prompt); nothing is
 * allocated per step.
 */
public final class ReplicaEngine {
    /** What {@link #nextEventAt} answers when nothing will happen. */
    public static final long NEVER = Long.MAX_VALUE;

    /*
     * One step, as vLLM V1 schedules it:
     *
     *   1. Every decoding sequence gets one token, in order of admission.
     *   2. Running prefills go on, each with as much as is left of max_num_batched_tokens.
     *   3. Unless somebody was preempted in this step, waiting requests are admitted first come first served: what the
     *      cache holds of their prompt is retained, and they start if blocks for the whole rest are free. Without that
     *      check long prompts preempt each other forever.
     *
     * A sequence that needs a block when none is free preempts the last admitted one (perhaps itself), which goes back
     * to the head of the queue and recomputes what meanwhile left the cache, its generated tokens included.
     *
     * Full blocks are named, hence visible to other prompts, when they are scheduled: a prompt admitted later in the
     * same step shares them. The last known token is always computed, because its logits are needed.
     *
     * Tokens appear at the end of the step. KV entries of a generated token are written by the step after it.
     */

    private final HardwareProfile profile;
    private final BlockCache cache;
    private final @Nullable SharedCache shared;
    private final ArrayDeque<EngineRequest> waiting = new ArrayDeque<>();

    /** In order of admission. */
    private final ArrayList<EngineRequest> running = new ArrayList<>();

    private final ExactState exactState;
    private int budget;
    private boolean preempted;

    /** When the next step begins, while none is in progress and there is work. */
    private long stepStart = NEVER;

    private long stepEnd = NEVER;
    private long now;
    private boolean advancing;
    private boolean delivering;

    private long promptTokens;
    private long queriedTokens;
    private long cachedTokens;
    private long generatedTokens;
    private long preemptions;
    private long successes;
    private long aborts;
    private long steps;

    /** Creates an idle replica with an empty cache. */
    public ReplicaEngine(HardwareProfile profile) {
        this(profile, null);
    }

    /**
     * Creates an idle replica that also finds, at no cost in time, whatever any replica with the same {@code shared} cache
     * has computed; null for none. No real engine is like that: it bounds what routing can reach.
     */
    public ReplicaEngine(HardwareProfile profile, @Nullable SharedCache shared) {
        this.profile = profile;
        this.shared = shared;
        cache = new BlockCache(profile.kvBlocks());
        exactState = new ExactState(cache, shared, waiting, running);
    }

    /** Returns the hardware this replica runs on. */
    public HardwareProfile profile() {
        return profile;
    }

    /** Returns whether prompt and answer of that many tokens can ever be computed here. */
    public boolean fits(int tokens) {
        return TokenBlocks.blocksFor(tokens) <= cache.capacity();
    }

    /**
     * Queues a request. What was due before {@code at} happens first, listeners included.
     *
     * @param at nanoseconds of model time
     * @throws IllegalArgumentException if it does not {@link #fits fit} or was submitted before
     */
    public void submit(EngineRequest request, long at) {
        if (request.state != State.NEW) {
            throw new IllegalArgumentException("request: " + request + " (expected: a new one)");
        }
        if (!fits(request.sequence.tokens())) {
            throw new IllegalArgumentException("request: " + request.sequence.tokens() + " tokens (expected: at most "
                    + profile.kvTokens() + ", the size of the KV cache)");
        }
        catchUp(at);
        request.state = State.WAITING;
        request.submittedAt = at;
        waiting.add(request);
        wake(at);
    }

    /**
     * Takes a request back: its place and its blocks are free at once, its listener is not called again. What was due
     * before {@code at} happens first.
     *
     * @param at nanoseconds of model time
     * @return false if the request had ended already
     */
    public boolean abort(EngineRequest request, long at) {
        catchUp(at);
        if (!request.active()) {
            return false;
        }
        if (request.state == State.WAITING) {
            waiting.remove(request);
        } else {
            releaseBlocks(request);
            if (!delivering) {
                running.remove(request);
            }
        }
        request.state = State.ABORTED;
        aborts++;
        return true;
    }

    /** Returns when something happens next, in nanoseconds of model time; {@link #NEVER} if nothing will. */
    public long nextEventAt() {
        return stepEnd != NEVER ? stepEnd : stepStart;
    }

    /** Lets everything happen that is due at {@code until} or before; does nothing when called by a listener. */
    public void advance(long until) {
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            while (nextEventAt() <= until) {
                step();
            }
        } finally {
            advancing = false;
        }
        now = Math.max(now, until);
    }

    /** Returns counters and gauges of this moment. */
    public EngineStats stats() {
        return new EngineStats(
                running.size(),
                waiting.size(),
                (double) cache.inUse() / cache.capacity(),
                promptTokens,
                queriedTokens,
                cachedTokens,
                generatedTokens,
                preemptions,
                successes,
                aborts,
                steps);
    }

    /** Loses everything that is cached and not in use just now, as a restart would. */
    public void forgetCache() {
        cache.forgetFree();
    }

    /** Returns a look at what the replica holds and has to do; always of the moment when it is asked. */
    public ExactState exactState() {
        return exactState;
    }

    /** Returns the KV blocks held by running requests. */
    int blocksInUse() {
        return cache.inUse();
    }

    private void catchUp(long at) {
        if (advancing) {
            return;
        }
        if (at < now) {
            throw new IllegalArgumentException("at: " + at + " (expected: not before " + now + ")");
        }
        if (nextEventAt() < at) {
            advance(at - 1);
        }
        now = at;
    }

    private void wake(long at) {
        if (stepEnd == NEVER && stepStart == NEVER && !delivering) {
            stepStart = at;
        }
    }

    private void step() {
        if (stepEnd != NEVER) {
            now = stepEnd;
            stepEnd = NEVER;
            endStep();
            stepStart = !running.isEmpty() || !waiting.isEmpty() ? now : NEVER;
        } else {
            now = stepStart;
            stepStart = NEVER;
            beginStep();
        }
    }

    private void beginStep() {
        budget = profile.maxBatchedTokens();
        preempted = false;
        for (int i = 0; i < running.size(); i++) {
            if (running.get(i).decoding()) {
                schedule(running.get(i), 1);
            }
        }
        for (int i = 0; i < running.size() && budget > 0; i++) {
            EngineRequest request = running.get(i);
            if (request.scheduled == 0) {
                schedule(request, Math.min(request.knownTokens() - request.computed, budget));
            }
        }
        if (!preempted) {
            admit();
        }
        if (!running.isEmpty()) {
            stepEnd = now + stepNanos();
        }
    }

    private void admit() {
        while (budget > 0 && running.size() < profile.maxSequences()) {
            EngineRequest request = waiting.peek();
            if (request == null || !retainCached(request)) {
                return;
            }
            waiting.remove();
            request.state = State.RUNNING;
            running.add(request);
            if (request.cachedTokens < 0) {
                request.cachedTokens = request.computed;
                queriedTokens += request.promptTokens();
                cachedTokens += request.computed;
            }
            schedule(request, Math.min(request.knownTokens() - request.computed, budget));
        }
    }

    /** Retains what the cache holds of a request's tokens, if its other blocks fit; else changes nothing. */
    private boolean retainCached(EngineRequest request) {
        int known = request.knownTokens();
        int most = (known - 1) / BLOCK_TOKENS;
        int matchedFree = 0;
        while (request.blockCount < most) {
            int block = cache.find(request.sequence.hash(request.blockCount));
            if (block == BlockCache.NONE) {
                break;
            }
            if (cache.isFree(block)) {
                matchedFree++;
            }
            request.addBlock(block);
        }
        if (TokenBlocks.blocksFor(known) - request.blockCount + matchedFree > cache.free()) {
            request.blockCount = 0;
            return false;
        }
        for (int i = 0; i < request.blockCount; i++) {
            cache.retain(request.blocks[i]);
        }
        if (shared != null) {
            takeShared(shared, request, most);
        }
        request.computed = request.blockCount * BLOCK_TOKENS;
        return true;
    }

    /** Makes local copies of what other replicas have computed; there is room for the whole request. */
    private void takeShared(SharedCache others, EngineRequest request, int most) {
        while (request.blockCount < most && others.contains(request.sequence.hash(request.blockCount))) {
            int block = cache.take();
            cache.name(block, request.sequence.hash(request.blockCount));
            request.addBlock(block);
        }
    }

    /** Gives a running sequence blocks for its next tokens, preempting others or itself where there are none. */
    private void schedule(EngineRequest request, int tokens) {
        int target = request.computed + tokens;
        int needed = TokenBlocks.blocksFor(target);
        while (needed - request.blockCount > cache.free()) {
            EngineRequest last = running.getLast();
            preempt(last);
            if (last == request) {
                return;
            }
        }
        while (request.blockCount < needed) {
            request.addBlock(cache.take());
        }
        for (int i = request.computed / BLOCK_TOKENS; i < target / BLOCK_TOKENS; i++) {
            cache.name(request.blocks[i], request.sequence.hash(i));
            if (shared != null) {
                shared.add(request.sequence.hash(i));
            }
        }
        request.scheduled = tokens;
        budget -= tokens;
    }

    private void preempt(EngineRequest request) {
        running.removeLast();
        budget += request.scheduled;
        request.scheduled = 0;
        releaseBlocks(request);
        request.computed = 0;
        request.state = State.WAITING;
        waiting.addFirst(request);
        preempted = true;
        preemptions++;
    }

    private long stepNanos() {
        int tokens = 0;
        double pairs = 0;
        long context = 0;
        for (int i = 0; i < running.size(); i++) {
            EngineRequest request = running.get(i);
            tokens += request.scheduled;
            if (request.decoding()) {
                context += request.knownTokens();
            } else {
                pairs += request.scheduledPairs();
            }
        }
        long nanos = profile.stepNanos(tokens, pairs, context, running.size());
        StepShares.book(nanos, tokens, running, profile);
        return nanos;
    }

    private void endStep() {
        steps++;
        delivering = true;
        try {
            for (int i = 0; i < running.size(); i++) {
                EngineRequest request = running.get(i);
                request.computed += request.scheduled;
                boolean progressed = request.scheduled > 0;
                request.scheduled = 0;
                if (progressed && request.state == State.RUNNING && request.computed == request.knownTokens()) {
                    emit(request);
                }
            }
        } finally {
            delivering = false;
            running.removeIf(request -> request.state != State.RUNNING);
        }
    }

    private void emit(EngineRequest request) {
        if (request.generated++ == 0) {
            request.firstTokenAt = now;
            promptTokens += request.promptTokens();
        }
        request.lastTokenAt = now;
        generatedTokens++;
        if (request.generated == request.outputTokens()) {
            request.state = State.FINISHED;
            successes++;
            releaseBlocks(request);
        }
        request.listener().onToken(request, now);
    }

    private void releaseBlocks(EngineRequest request) {
        for (int i = request.blockCount - 1; i >= 0; i--) {
            cache.release(request.blocks[i]);
        }
        request.blockCount = 0;
    }
}
