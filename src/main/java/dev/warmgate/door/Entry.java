package dev.warmgate.door;

import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.RateLimitHeaders;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Ticket;
import dev.warmgate.router.Usage;
import dev.warmgate.router.Waiter;
import dev.warmgate.router.WorkEstimate;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.quota.QuotaLease;
import dev.warmgate.router.quota.QuotaRequest;
import dev.warmgate.router.quota.QuotaResult;
import dev.warmgate.router.tenancy.Classification;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request in: whose it is, whether its quotas allow it, and whether there is room. Holds its place in a
 * queue and what is reserved of its quotas, until {@link #leave}.
 *
 * <p>Confined to where the request is at home but for {@link #decided}.
 */
public final class Entry implements Waiter {
    /** What became of a request that wants in. */
    public sealed interface Result {}

    /**
     * An endpoint is booked.
     *
     * @param inference what was routed, or null if it was by load
     * @param allowed which endpoints may take it; null for all
     * @param hints what policies want to know of its header
     */
    public record Goes(
            @Nullable InferenceRequest inference,
            @Nullable Predicate<Endpoint> allowed,
            Map<String, String> hints,
            Reservation reservation)
            implements Result {}

    /** The request waits; what becomes of it is told later. */
    public record Waits() implements Result {}

    /** The request gets an answer of our own. */
    public record Answered(Answer answer) implements Result {}

    private final Host host;

    /** As it was when the request came: it may be replaced meanwhile. */
    private final Access access;

    private final Visitor visitor;
    private final ModelChoice choice;
    private final RequestLog log;
    private final Consumer<Result> later;

    private @Nullable InferenceRequest inference;
    private @Nullable Predicate<Endpoint> allowed;

    /** What the request's body goes on from. */
    private @Nullable String continues;

    private @Nullable Ticket ticket;
    private @Nullable QuotaLease lease;
    private boolean sent;
    private boolean over;
    private boolean waitedForKeys;

    /** When the answer is of no use any more, on the door's clock; only if {@code limited}. */
    private long uselessAt;

    private boolean limited;

    /** Creates the entry of a request; {@code later} is told at home what became of one that waits. */
    public Entry(Host host, Visitor visitor, RequestLog log, Consumer<Result> later) {
        this.host = host;
        this.access = host.access();
        this.visitor = visitor;
        this.choice = new ModelChoice(access.rewrites(), visitor);
        this.log = log;
        this.later = later;
    }

    /** Notes the model of a request whose model stays as it is, before it enters. */
    public void asks(String model) {
        choice.asks(model);
    }

    /**
     * Returns the model that a request gets, before it enters.
     *
     * @param named what the body asks for
     * @param session the request's conversation, or null
     * @return null if it can have none
     */
    public @Nullable String model(String named, @Nullable String session) {
        return choice.of(named, session);
    }

    /**
     * Lets a request in that is understood, refuses it, or lets it wait.
     *
     * @param wanted what is to be routed, without its standing
     * @param bytes what holding the request takes while it waits
     */
    public Result enter(ReadResult.Understood understood, InferenceRequest wanted, long bytes) {
        var classification = classify(choice.asked(), understood.serviceTier(), understood.priority());
        if (classification instanceof Classification.Later soon && !waitedForKeys) {
            waitedForKeys = true;
            var _ = soon.when().whenComplete((_, _) -> atHome(() -> again(understood, wanted, bytes)));
            return new Waits();
        }
        var refused = identified(classification);
        if (refused != null) {
            return refused;
        }
        continues = understood.continues();
        inference = toHolder(wanted.hinted(hints()).with(standing(), bytes));
        refused = reserve(quotaRequest(inference, understood.stream()));
        if (refused != null) {
            return refused;
        }
        var result = result(host.router().admit(inference, this));
        log.decided(host.nanoTime());
        return result;
    }

    /**
     * Lets a request in that is not understood, or refuses it. It never waits.
     *
     * @param among which endpoints may take it; null for all
     */
    public Result enterByLoad(@Nullable Predicate<Endpoint> among) {
        Result refused = mayAsk();
        if (refused == null) {
            refused = reserve(new QuotaRequest(standing().tenant(), "", 0, 0, false));
        }
        if (refused != null) {
            return refused;
        }
        String tenant = standing().tenant();
        var holder = continues == null
                ? host.held().holderOfPath(tenant, visitor.path())
                : host.held().holder(tenant, continues);
        allowed = holder == null || (among != null && !among.test(holder)) ? among : new ToHolder(holder, among);
        var result = result(host.router().routeByLoad(Set.of(), allowed, hints()));
        log.decided(host.nanoTime());
        return result;
    }

    /** Lets a request in of which only the model is known, or refuses it. It never waits: that is for prompts. */
    public Result enter(InferenceRequest wanted) {
        Result refused = identified(classify(choice.asked(), null, 0));
        if (refused == null) {
            refused = reserve(new QuotaRequest(standing().tenant(), wanted.model(), 0, 0, false));
        }
        if (refused != null) {
            return refused;
        }
        inference = toHolder(wanted.hinted(hints()).with(standing(), 0));
        var result = result(host.router().route(inference, Set.of()));
        log.decided(host.nanoTime());
        return result;
    }

    /** Names what a request goes on from of which at most the model is known; before it enters. */
    public void continues(@Nullable String id) {
        continues = id;
    }

    private Map<String, String> hints() {
        return visitor.headers(host.router().hints());
    }

    private InferenceRequest toHolder(InferenceRequest wanted) {
        var holder = continues == null ? null : host.held().holder(standing().tenant(), continues);
        return holder != null && host.router().mayTake(holder, wanted)
                ? wanted.onlyTo(new ToHolder(holder, wanted.allowed()))
                : wanted;
    }

    /** Hears that an endpoint keeps an object for whom this request is of, and so what the request goes on from. */
    public void keeps(Endpoint endpoint, String id) {
        String tenant = standing().tenant();
        host.held().put(tenant, id, endpoint);
        if (continues != null) {
            host.held().put(tenant, continues, endpoint);
        }
    }

    /** Refuses a request whose body has yet to come by what its header says, or returns null. */
    public @Nullable Answered mayKnock() {
        if (!access.tenancy().hasKeys()) {
            return null;
        }
        var classification = classify("", null, 0);
        return classification instanceof Classification.Later ? null : identified(classification);
    }

    /** Refuses a request of which only the header is looked at, or returns null. */
    public @Nullable Answered mayAsk() {
        return identified(classify(visitor.bodiless() ? "" : null, null, 0));
    }

    private Classification classify(@Nullable String model, @Nullable String serviceTier, int bodyPriority) {
        return access.tenancy().classify(new Facts(visitor, model, serviceTier, bodyPriority));
    }

    private @Nullable Answered identified(Classification classification) {
        return switch (classification) {
            case Classification.Known known -> {
                var standing = known.standing();
                log.standing = standing;
                limited = standing.timeoutSeconds() < Double.POSITIVE_INFINITY;
                if (limited) {
                    uselessAt = host.nanoTime() + (long) (standing.timeoutSeconds() * 1e9);
                }
                yield null;
            }
            case Classification.Refused refused -> refused(refused);
            case Classification.Later later -> refused(later.otherwise());
        };
    }

    private Answered refused(Classification.Refused refused) {
        log.refused = refused.reason().label();
        return new Answered(Refusals.refused(refused, visitor.path()));
    }

    /** Returns who may come in, for this request. */
    public Access access() {
        return access;
    }

    private Standing standing() {
        return requireNonNull(log.standing, "standing");
    }

    private QuotaRequest quotaRequest(InferenceRequest wanted, boolean stream) {
        var work = access.quotas().countGpuTime() ? host.router().estimate(wanted) : WorkEstimate.NONE;
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
        return switch (access.quotas().reserve(wanted)) {
            case QuotaResult.Granted(var granted) -> {
                lease = granted;
                yield null;
            }
            case QuotaResult.Exceeded(var refusal, var limits) -> {
                log.refused = Refusals.QUOTA;
                yield new Answered(Refusals.refused(refusal, limits, visitor.path()));
            }
        };
    }

    private Result result(RouteResult routed) {
        return switch (routed) {
            case RouteResult.Routed(var reservation) ->
                new Goes(
                        inference,
                        inference == null ? allowed : inference.allowed(),
                        reservation.request().hints(),
                        reservation);
            case RouteResult.Queued(var place) -> {
                ticket = place;
                log.queued(host.nanoTime());
                yield new Waits();
            }
            case RouteResult.Refused refused -> {
                log.refused = refused.reason().label();
                yield new Answered(Refusals.refused(refused, visitor.path()));
            }
            case RouteResult.UnknownModel(var model, var served) ->
                new Answered(Answer.of(Refusals.unknownModel(model, served), visitor.path()));
            case RouteResult.Unavailable none -> new Answered(Refusals.unavailable(none, visitor.path()));
        };
    }

    /** Lets the request in, or refuses it, now that what its token needs is there or will not come. */
    private void again(ReadResult.Understood understood, InferenceRequest wanted, long bytes) {
        if (!over) {
            later.accept(enter(understood, wanted, bytes));
        }
    }

    /** Hears what became of the request that waits, on any thread, and goes home with it. */
    @Override
    public void decided(RouteResult result) {
        if (!atHome(() -> told(result))) {
            decline(result);
        }
    }

    /** Runs something where the request is at home; returns false if the door is closed. */
    private boolean atHome(Runnable task) {
        try {
            host.execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    private void told(RouteResult result) {
        if (over) {
            decline(result);
            return;
        }
        ticket = null;
        log.unqueued(host.nanoTime());
        later.accept(result(result));
    }

    private static void decline(RouteResult result) {
        if (result instanceof RouteResult.Routed(var reservation)) {
            reservation.settle(Usage.UNKNOWN);
        }
    }

    /** Notes that an endpoint gets the request: from now on it costs. */
    public void sent() {
        sent = true;
    }

    /** Returns whether a quota may end the answer: then it has to be told how long that is. */
    public boolean mayEnd() {
        return lease != null && lease.mayEnd();
    }

    /**
     * Tells how long the answer is up to now.
     *
     * @return null while it may go on; else why it has to end
     */
    public @Nullable ApiError progress(int outputTokens) {
        var refusal = lease == null ? null : lease.progress(outputTokens);
        return refusal == null ? null : ApiError.of(refusal);
    }

    /** Returns the headers that tell the client what is left of its limits. */
    public Map<String, String> limits() {
        return lease == null ? Map.of() : RateLimitHeaders.of(lease.snapshot());
    }

    /** Returns a time to wait, or what is left until the request's own deadline if that is less. */
    public Duration within(Duration time) {
        if (!limited) {
            return time;
        }
        var left = Duration.ofNanos(Math.max(0, uselessAt - host.nanoTime()));
        return left.compareTo(time) < 0 ? left : time;
    }

    /** Returns whether the request's own deadline passed. */
    public boolean late() {
        return limited && uselessAt - host.nanoTime() <= 0;
    }

    /** Gives back what is held, and settles the quotas; whatever is told later is declined. */
    public void leave(Usage used) {
        if (over) {
            return;
        }
        over = true;
        if (ticket != null) {
            log.unqueued(host.nanoTime());
            var _ = ticket.leave(); // if it waits no longer, what it gets is declined when it is told
            ticket = null;
        }
        if (lease != null) {
            boolean nothing = used.promptTokens() == 0 && used.outputTokens() == 0;
            var _ = sent ? lease.settle(used, nothing ? 0 : log.workSeconds) : lease.cancel();
        }
    }
}
