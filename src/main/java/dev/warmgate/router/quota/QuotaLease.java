package dev.warmgate.router.quota;

import dev.warmgate.router.Usage;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is reserved for one request on all its limits.
 *
 * <p>Of a request that is not followed while it runs, the client's maximum is reserved; it cannot overshoot. Of a stream
 * no more than {@link QuotaSpec#wholeAnswerTokens} is, because clients set maxima that they never reach, and a budget
 * full of such reservations would refuse work that it has room for. Instead the reservation grows: each
 * {@link #progress} says how long the answer is, and before the reserved part is used up a little more is reserved, down
 * to single tokens when little is left. When nothing is left, the answer has to end. So the sum of all answers does not
 * pass the budget, but by what comes between two calls: the tokens of an event that is larger than any before in its
 * stream, and what the engine generates until it hears of the end. Both are booked when they are reported, so a later
 * request pays for them.
 *
 * <p>{@link #progress} is called by one thread at a time; everything else by any thread.
 */
public final class QuotaLease {
    /**
     * What a reservation grows by. A stream of 50 tokens a second asks about once a second, and 200 of them hold at most
     * 16,000 tokens that they do not use yet.
     */
    static final int GROWTH_TOKENS = 64;

    /** Reserved tokens that are left when more is asked for. */
    private static final int LOW_TOKENS = 16;

    private final QuotaRequest request;
    private final TokenPrice price;
    private final List<QuotaLimit> limits;
    private final @Nullable QuotaAccounts accounts;
    private final @Nullable QuotaHold hold;
    private final Consumer<QuotaRefusal> exhausted;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Output tokens that are reserved; written by whoever reports progress, like all that follows. */
    private volatile int covered;

    private int largestStep = 1;
    private @Nullable QuotaRefusal end;

    /** Output tokens up to now, or -1 before the first call. */
    private volatile int seen = -1;

    QuotaLease(
            QuotaRequest request,
            TokenPrice price,
            @Nullable QuotaAccounts accounts,
            @Nullable QuotaHold hold,
            int covered,
            Consumer<QuotaRefusal> exhausted) {
        this.request = request;
        this.price = price;
        this.limits = accounts == null ? List.of() : accounts.limits();
        this.accounts = accounts;
        this.hold = hold;
        this.covered = covered;
        this.exhausted = exhausted;
    }

    /** Returns the state of the limits now, for the client's headers. */
    public QuotaSnapshot snapshot() {
        return accounts == null ? QuotaSnapshot.EMPTY : QuotaSnapshot.of(accounts.states());
    }

    /** Returns whether anything is limited that {@link #progress} would count. */
    public boolean mayEnd() {
        return hold != null;
    }

    /**
     * Tells how long the answer is up to now, and reserves more if it will soon be longer than what is reserved. Takes a
     * few nanoseconds where nothing needs to be reserved.
     *
     * @param outputTokens all output tokens of the answer up to now; less than before is ignored
     * @return null while the answer may go on; else why it has to end now. The request still is to be settled
     */
    public @Nullable QuotaRefusal progress(int outputTokens) {
        int before = Math.max(0, seen);
        if (hold == null || outputTokens <= before) {
            return end;
        }
        largestStep = Math.max(largestStep, outputTokens - before);
        seen = outputTokens;
        boolean whole = request.maxOutputTokens() >= 0 && covered >= request.maxOutputTokens();
        if (end != null || whole || outputTokens + Math.max(largestStep, LOW_TOKENS) <= covered) {
            return end;
        }
        return grow(hold, outputTokens);
    }

    private @Nullable QuotaRefusal grow(QuotaHold on, int outputTokens) {
        int most = request.maxOutputTokens() >= 0 ? request.maxOutputTokens() : Integer.MAX_VALUE;
        long wanted = Math.min(most, (long) outputTokens + largestStep + GROWTH_TOKENS);
        var used = amounts(outputTokens);
        int before = covered;
        QuotaRefusal refusal = null;
        for (int more = (int) Math.max(1, wanted - before); more > 0; more /= 2) {
            refusal = on.grow(used, amounts(before + more));
            if (refusal == null) {
                covered = before + more;
                break;
            }
        }
        if (refusal != null && outputTokens + largestStep > before) {
            end = refusal;
            exhausted.accept(refusal);
        }
        return end;
    }

    /**
     * Ends the request by what the engine counted, with GPU time by the estimate.
     *
     * @see #settle(Usage, double)
     */
    public boolean settle(Usage usage) {
        return settle(usage, -1);
    }

    /**
     * Ends a request that was sent to an endpoint: counts what it used and gives the rest back.
     *
     * @param usage what the engine counted. Where it does not say: the estimated prompt, none of it cached, and the output
     *     told by {@link #progress}, or the reserved output if nothing was told
     * @param gpuSeconds time used, or a negative number to take the estimate for the output there was
     * @return whether this call ended it; false if an earlier one did
     */
    public boolean settle(Usage usage, double gpuSeconds) {
        if (!open.getAndSet(false)) {
            return false;
        }
        if (hold != null) {
            int prompt = usage.promptTokens() >= 0 ? usage.promptTokens() : request.promptTokens();
            int cached = Math.clamp(usage.cachedTokens(), 0, prompt);
            int told = seen;
            int output = usage.outputTokens() >= 0 ? usage.outputTokens() : told >= 0 ? told : covered;
            hold.settle(amounts(limits, price, prompt, cached, output, gpuSecondsOr(gpuSeconds, output)));
        }
        return true;
    }

    /**
     * Ends a request that was never sent to an endpoint, because it was refused later or its client left: gives all back,
     * the request itself as well.
     *
     * @return whether this call ended it; false if an earlier one did
     */
    public boolean cancel() {
        if (!open.getAndSet(false)) {
            return false;
        }
        if (hold != null) {
            hold.settle(new long[limits.size()]);
        }
        return true;
    }

    private double gpuSecondsOr(double known, int output) {
        return known >= 0
                ? Math.min(known, QuotaRequest.MOST_GPU_SECONDS)
                : request.prefillGpuSeconds() + request.gpuSecondsPerOutputToken() * output;
    }

    private long[] amounts(int output) {
        return amounts(limits, price, request, output);
    }

    /** Returns what a request takes of each limit if its answer has that many tokens. */
    static long[] amounts(List<QuotaLimit> limits, TokenPrice price, QuotaRequest request, int output) {
        double gpuSeconds = request.prefillGpuSeconds() + request.gpuSecondsPerOutputToken() * output;
        return amounts(limits, price, request.promptTokens(), request.cachedTokens(), output, gpuSeconds);
    }

    private static long[] amounts(
            List<QuotaLimit> limits, TokenPrice price, int prompt, int cached, int output, double gpuSeconds) {
        var amounts = new long[limits.size()];
        for (int i = 0; i < amounts.length; i++) {
            amounts[i] = switch (limits.get(i).kind()) {
                case TOKENS_PER_MINUTE, TOKENS_PER_DAY -> (long) prompt + output;
                case REQUESTS_PER_MINUTE, CONCURRENT_REQUESTS -> 1;
                case GPU_SECONDS_PER_MINUTE -> QuotaKind.GPU_SECONDS_PER_MINUTE.toUnits(gpuSeconds);
                case GPU_SECONDS_PER_DAY -> QuotaKind.GPU_SECONDS_PER_DAY.toUnits(gpuSeconds);
                case MONEY_PER_DAY -> QuotaKind.MONEY_PER_DAY.toUnits(price.of(prompt, cached, output));
            };
        }
        return amounts;
    }

    @Override
    public String toString() {
        return "QuotaLease[" + request.tenant() + ", " + request.model() + ", output " + seen + " of " + covered
                + (open.get() ? "]" : ", ended]");
    }
}
