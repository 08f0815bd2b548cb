package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.RateLimitHeaders;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Ticket;
import dev.warmgate.router.Usage;
import dev.warmgate.router.Waiter;
import dev.warmgate.router.WorkEstimate;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.quota.QuotaLease;
import dev.warmgate.router.quota.QuotaRequest;
import dev.warmgate.router.quota.QuotaResult;
import dev.warmgate.router.tenancy.Classification;
import dev.warmgate.router.tenancy.RequestFacts;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of one exchange's request in: whose it is, whether its quotas allow it, and whether there is room. Holds its
 * place in a queue and what is reserved of its quotas, until {@link #leave}.
 *
 * <p>Confined to the exchange's event loop but for {@link #decided}.
 */
final class Entry implements Waiter {
    /** What became of a request that wants in. */
    sealed interface Result {}

    /**
     * An endpoint is booked.
     *
     * @param inference what was routed, or null if it was by load
     */
    record Goes(@Nullable InferenceRequest inference, Reservation reservation) implements Result {}

    /** The request waits; what becomes of it is told later. */
    record Waits() implements Result {}

    /** The request gets an answer of our own. */
    record Answered(Answer answer) implements Result {}

    private final Worker worker;
    private final ClientRequest request;
    private final ExchangeLog log;
    private final Consumer<Result> later;

    private @Nullable InferenceRequest inference;
    private @Nullable Ticket ticket;
    private @Nullable QuotaLease lease;
    private boolean sent;
    private boolean over;

    /** When the answer is of no use any more, on the loop's clock; only if {@code limited}. */
    private long uselessAt;

    private boolean limited;

    /** Creates the entry of a request; {@code later} is told on the event loop what became of one that waits. */
    Entry(Worker worker, ClientRequest request, ExchangeLog log, Consumer<Result> later) {
        this.worker = worker;
        this.request = request;
        this.log = log;
        this.later = later;
    }

    /** Lets a request in that is understood, refuses it, or lets it wait. */
    Result enter(ReadResult.Understood understood, PromptBlocks prompt) {
        var refused = identify(understood.model(), understood.serviceTier(), understood.priority());
        if (refused != null) {
            return refused;
        }
        inference = request.inference(understood, prompt)
                .with(standing(), request.body().length());
        refused = reserve(quotaRequest(inference, understood.stream()));
        if (refused != null) {
            return refused;
        }
        var result = result(worker.router().admit(inference, this));
        log.decided(worker.nanoTime());
        return result;
    }

    /** Lets a request in that is not understood, or refuses it. It never waits. */
    Result enter() {
        Result refused = mayAsk();
        if (refused == null) {
            refused = reserve(new QuotaRequest(standing().tenant(), "", 0, 0, false));
        }
        if (refused != null) {
            return refused;
        }
        var result = result(worker.router().routeByLoad(Set.of()));
        log.decided(worker.nanoTime());
        return result;
    }

    /** Refuses a request whose body has yet to come by what its header says, or returns null. */
    @Nullable
    Answered mayKnock() {
        return worker.access().tenancy().hasKeys() ? identify("", null, 0) : null;
    }

    /** Refuses a request of which only the header is looked at, or returns null. */
    @Nullable
    Answered mayAsk() {
        return identify(request.bodiless() ? "" : null, null, 0);
    }

    private @Nullable Answered identify(@Nullable String model, @Nullable String serviceTier, int bodyPriority) {
        var facts = new Facts(request, model, serviceTier, bodyPriority);
        return switch (worker.access().tenancy().classify(facts)) {
            case Classification.Known known -> {
                var standing = known.standing();
                log.standing = standing;
                limited = standing.timeoutSeconds() < Double.POSITIVE_INFINITY;
                if (limited) {
                    uselessAt = worker.nanoTime() + (long) (standing.timeoutSeconds() * 1e9);
                }
                yield null;
            }
            case Classification.Refused refused -> {
                log.refused = refused.reason().label();
                yield new Answered(RequestCheck.refused(refused, request.path()));
            }
        };
    }

    private Standing standing() {
        return requireNonNull(log.standing, "standing");
    }

    private QuotaRequest quotaRequest(InferenceRequest wanted, boolean stream) {
        var work = worker.access().quotas().countGpuTime() ? worker.router().estimate(wanted) : WorkEstimate.NONE;
        return new QuotaRequest(
                standing().tenant(),
                wanted.model(),
                wanted.prompt().tokens(),
                0,
                wanted.maxOutputTokens(),
                -1,
                stream,
                Math.min(work.prefillSeconds(), QuotaRequest.MOST_GPU_SECONDS),
                work.secondsPerOutputToken());
    }

    private @Nullable Answered reserve(QuotaRequest wanted) {
        return switch (worker.access().quotas().reserve(wanted)) {
            case QuotaResult.Granted(var granted) -> {
                lease = granted;
                yield null;
            }
            case QuotaResult.Exceeded(var refusal, var limits) -> {
                log.refused = RequestCheck.QUOTA;
                yield new Answered(RequestCheck.refused(refusal, limits, request.path()));
            }
        };
    }

    private Result result(RouteResult routed) {
        return switch (routed) {
            case RouteResult.Routed(var reservation) -> new Goes(inference, reservation);
            case RouteResult.Queued(var place) -> {
                ticket = place;
                log.queued(worker.nanoTime());
                yield new Waits();
            }
            case RouteResult.Refused refused -> {
                log.refused = refused.reason().label();
                yield new Answered(RequestCheck.refused(refused, request.path()));
            }
            case RouteResult.UnknownModel(var model, var served) ->
                new Answered(Answer.of(RequestCheck.unknownModel(model, served), request.path()));
            case RouteResult.Unavailable none -> new Answered(RequestCheck.unavailable(none, request.path()));
        };
    }

    /** Hears what became of the request that waits, on any thread, and goes to the event loop with it. */
    @Override
    public void decided(RouteResult result) {
        try {
            worker.loop().execute(() -> told(result));
        } catch (RejectedExecutionException _) {
            decline(result); // the front door is closed
        }
    }

    private void told(RouteResult result) {
        if (over) {
            decline(result);
            return;
        }
        ticket = null;
        log.unqueued(worker.nanoTime());
        later.accept(result(result));
    }

    private static void decline(RouteResult result) {
        if (result instanceof RouteResult.Routed(var reservation)) {
            reservation.settle(Usage.UNKNOWN);
        }
    }

    /** Notes that an endpoint gets the request: from now on it costs. */
    void sent() {
        sent = true;
    }

    /**
     * Tells how long the answer is up to now.
     *
     * @return null while it may go on; else why it has to end
     */
    @Nullable
    ApiError progress(int outputTokens) {
        var refusal = lease == null ? null : lease.progress(outputTokens);
        return refusal == null ? null : ApiError.of(refusal);
    }

    /** Returns the headers that tell the client what is left of its limits. */
    Map<String, String> limits() {
        return lease == null ? Map.of() : RateLimitHeaders.of(lease.snapshot());
    }

    /** Returns a time to wait, or what is left until the request's own deadline if that is less. */
    Duration within(Duration time) {
        if (!limited) {
            return time;
        }
        var left = Duration.ofNanos(Math.max(0, uselessAt - worker.nanoTime()));
        return left.compareTo(time) < 0 ? left : time;
    }

    /** Returns whether the request's own deadline passed. */
    boolean late() {
        return limited && uselessAt - worker.nanoTime() <= 0;
    }

    /** Gives back what is held, and settles the quotas; whatever is told later is declined. */
    void leave(Usage used) {
        if (over) {
            return;
        }
        over = true;
        if (ticket != null) {
            log.unqueued(worker.nanoTime());
            var _ = ticket.leave(); // if it waits no longer, what it gets is declined when it is told
            ticket = null;
        }
        if (lease != null) {
            boolean nothing = used.promptTokens() == 0 && used.outputTokens() == 0;
            var _ = sent ? lease.settle(used, nothing ? 0 : log.workSeconds) : lease.cancel();
        }
    }

    /** What tenancy asks about a request. */
    private record Facts(
            ClientRequest request,
            @Nullable String model,
            @Nullable String serviceTier,
            int bodyPriority) implements RequestFacts {
        @Override
        public @Nullable String header(String lowerCaseName) {
            return request.head().headers().get(lowerCaseName);
        }

        @Override
        public String path() {
            return request.path();
        }
    }
}
