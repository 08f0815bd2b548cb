package dev.warmgate.twin.simulation;

import dev.warmgate.router.Decision;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.twin.engine.EngineRequest;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.TokenBlocks;
import dev.warmgate.twin.report.ExplainedRequest;
import dev.warmgate.twin.report.LatencyTarget;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.report.TokenGaps;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of a plan through the gateways' routers to the engines, and notes what comes of them.
 *
 * <p>A request that is refused ends its session: what would follow it is never sent.
 *
 * <p>A stage without requests, or whose requests have all ended before its turn, is passed over.
 *
 * <p>Confined to the simulation's thread.
 */
final class Traffic {
    private static final double NANOS = 1e-9;

    /** Of a request's body. */
    private static final long BYTES_PER_TOKEN = 4;

    /** The field in which clients name their conversation. */
    private static final String SESSION = "x-session-id";

    private final Plan plan;
    private final Timeline timeline;
    private final List<ReplicaEngine> engines;
    private final List<Router> gateways;
    private final EngineView view;
    private final Conditions conditions;
    private final Set<Integer> explain;
    private final boolean[] measured;
    private final IntConsumer progress;

    private final PromptShape shape = new PromptShape();
    private final RequestOutcome[] outcomes;
    private final TokenGaps tokenGaps;
    private final MinuteWork minuteWork;

    /** By request, those to be explained. */
    private final SortedMap<Integer, Decision> decisions = new TreeMap<>();

    /** Per stage, requests that have not ended. */
    private final int[] open;

    /** Requests that the client holds back, oldest first. */
    private final ArrayDeque<Integer> held = new ArrayDeque<>();

    private boolean ticking;

    private int stage;
    private int inFlight;
    private int ended;

    /**
     * What requests meet on their way.
     *
     * @param random source of chance
     * @param jitterSeconds longest delay of a message between gateway and endpoint
     * @param mostInFlight requests that the client has in flight at most
     * @param weights of tenants; 1 for all others
     */
    record Conditions(
            SplittableRandom random,
            double jitterSeconds,
            int mostInFlight,
            @Nullable LatencyTarget target,
            Map<String, Double> weights) {
        /** Returns the standing of a planned request, whose prompt has so many tokens. */
        Standing standing(PlannedRequest request, int promptTokens) {
            String tenant = request.tenant() == null ? Standing.DEFAULT.tenant() : request.tenant();
            return new Standing(
                    request.priority(),
                    tenant,
                    tenant,
                    weights.getOrDefault(tenant, 1.0),
                    target == null ? Standing.NONE : target.ttftSeconds(promptTokens),
                    target == null ? Standing.NONE : target.tpotSeconds(),
                    request.deadlineSeconds());
        }

        long delayNanos() {
            return jitterSeconds == 0 ? 0 : (long) (random.nextDouble() * jitterSeconds * 1e9);
        }
    }

    /**
     * Which requests are looked at.
     *
     * @param warmup share of the requests, by planned time, that is not measured
     * @param explain the requests whose decisions are kept
     */
    record Watch(double warmup, Set<Integer> explain) {}

    Traffic(
            Plan plan,
            Timeline timeline,
            List<ReplicaEngine> engines,
            List<Router> gateways,
            EngineView view,
            Conditions conditions,
            Watch watch,
            IntConsumer progress) {
        this.plan = plan;
        this.timeline = timeline;
        this.engines = engines;
        this.gateways = gateways;
        this.view = view;
        this.conditions = conditions;
        this.explain = watch.explain;
        this.measured = plan.measured(watch.warmup);
        this.progress = progress;
        this.tokenGaps = new TokenGaps(plan);
        this.minuteWork = new MinuteWork(timeline);
        var requests = plan.requests();
        outcomes = new RequestOutcome[requests.size()];
        int stages = 0;
        for (var request : requests) {
            stages = Math.max(stages, request.stage() + 1);
        }
        open = new int[stages];
        for (var request : requests) {
            open[request.stage()]++;
        }
        beginStage();
    }

    boolean ended() {
        return ended == outcomes.length;
    }

    List<RequestOutcome> outcomes() {
        return List.of(outcomes);
    }

    /** Returns what was kept, in the plan's order; once all have ended. */
    List<ExplainedRequest> explained() {
        return decisions.entrySet().stream()
                .map(entry -> new ExplainedRequest(entry.getKey(), entry.getValue(), outcomes[entry.getKey()]))
                .toList();
    }

    MinuteWork minuteWork() {
        return minuteWork;
    }

    TokenGaps tokenGaps() {
        return tokenGaps;
    }

    private void beginStage() {
        while (open[stage] == 0 && stage + 1 < open.length) {
            stage++;
        }
        long start = timeline.now();
        for (int i = 0; i < outcomes.length; i++) {
            int index = i;
            var request = plan.requests().get(i);
            if (request.stage() == stage && request.after() < 0) {
                timeline.at(start + (long) (request.atSeconds() * 1e9), () -> offer(index));
            }
        }
    }

    private void offer(int index) {
        if (inFlight < conditions.mostInFlight()) {
            send(index);
        } else {
            held.add(index);
        }
    }

    private void send(int index) {
        inFlight++;
        shape.read(plan, index);
        var sequence = shape.sequence();
        view.look(sequence, plan.promptTokens(index));
        var gateway = gateways.size() == 1
                ? gateways.getFirst()
                : gateways.get(conditions.random().nextInt(gateways.size()));
        var request = new InferenceRequest(
                Simulation.MODEL,
                shape.prompt(),
                -1,
                plan.requests().get(index).session(),
                conditions.standing(plan.requests().get(index), plan.promptTokens(index)),
                plan.promptTokens(index) * BYTES_PER_TOKEN,
                null,
                hints(gateway, plan.requests().get(index).session()),
                true,
                explain.contains(index));
        long sentAt = timeline.now();
        // The one place that knows what a router may answer.
        decided(index, sequence, sentAt, gateway.admit(request, later -> {
            view.look(sequence, plan.promptTokens(index));
            decided(index, sequence, sentAt, later);
        }));
    }

    /** What a client's header would say to a policy that looks at it: how its conversation is called. */
    private static Map<String, String> hints(Router gateway, @Nullable String session) {
        return session != null && gateway.hints().contains(SESSION) ? Map.of(SESSION, session) : Map.of();
    }

    private void decided(int index, TokenBlocks sequence, long sentAt, RouteResult result) {
        switch (result) {
            case RouteResult.Routed routed -> dispatch(index, sequence, routed.reservation(), sentAt);
            case RouteResult.Queued _ -> tickWhileSomeWait();
            case RouteResult.Refused refused ->
                refuse(index, sentAt, refused.reason().label());
            case RouteResult.Unavailable _ -> refuse(index, sentAt, "unavailable");
            case RouteResult.UnknownModel _ -> refuse(index, sentAt, "unknown-model");
        }
    }

    private void tickWhileSomeWait() {
        if (!ticking) {
            ticking = true;
            timeline.at(timeline.now() + Router.TICK.toNanos(), this::tick);
        }
    }

    private void tick() {
        ticking = false;
        boolean some = false;
        for (var gateway : gateways) {
            gateway.tick();
            some |= gateway.waiting() > 0;
        }
        if (some) {
            tickWhileSomeWait();
        }
    }

    /** Lets a request that {@link EngineView#look the view looks at} go where its reservation says. */
    private void dispatch(int index, TokenBlocks sequence, Reservation reservation, long sentAt) {
        if (explain.contains(index)) {
            decisions.put(index, reservation.decision());
        }
        var flight = new Flight(index, reservation, sentAt);
        var engineRequest = new EngineRequest(index, sequence, plan.promptTokens(index), flight::onToken);
        var tenant = plan.requests().get(index).tenant();
        minuteWork.begins(engineRequest, tenant == null ? PolicyRun.NOBODY : tenant);
        long delay = conditions.delayNanos();
        if (delay == 0) {
            engines.get(flight.slot).submit(engineRequest, timeline.now());
        } else {
            timeline.at(timeline.now() + delay, () -> engines.get(flight.slot).submit(engineRequest, timeline.now()));
        }
    }

    /** Ends a request without an answer, and with it what would have followed. Ends nothing before this returns. */
    private void refuse(int index, long sentAt, String reason) {
        // Not at once: a client that holds requests back would send the next one from here, and so on without end.
        timeline.at(timeline.now(), () -> {
            outcomes[index] = unanswered(index, sentAt, Ending.REFUSED, reason);
            for (int dependent : plan.dependents(index)) {
                outcomes[dependent] = unanswered(dependent, timeline.now(), Ending.NOT_SENT, RequestOutcome.NOT_SENT);
                close(dependent);
            }
            leave(index);
        });
    }

    private RequestOutcome unanswered(int index, long sentAt, Ending ending, String failure) {
        return RequestOutcome.unanswered(
                plan.name(),
                plan.requests().get(index),
                sentAt * NANOS,
                timeline.now() * NANOS,
                measured[index],
                ending,
                failure);
    }

    private void answered(int index) {
        for (int follower : plan.followers(index)) {
            double delay = plan.requests().get(follower).delaySeconds();
            timeline.at(timeline.now() + (long) (delay * 1e9), () -> offer(follower));
        }
        leave(index);
    }

    /** Ends a request that was sent. */
    private void leave(int index) {
        inFlight--;
        close(index);
        var next = held.poll();
        if (next != null) {
            send(next);
        }
        if (open[stage] == 0 && stage + 1 < open.length) {
            stage++;
            beginStage();
        }
    }

    private void close(int index) {
        ended++;
        open[plan.requests().get(index).stage()]--;
        progress.accept(ended);
    }

    /** One request between its decision and its end. */
    private final class Flight {
        private final int index;
        private final Reservation reservation;
        private final int slot;
        private final long sentAt;
        private final EngineView.Placed placed;
        private long tokenAt;
        private long firstAt;
        private long lastAt;

        /** When the latest message of the answer reaches the gateway: messages do not overtake each other. */
        private long arrivesAt;

        Flight(int index, Reservation reservation, long sentAt) {
            this.index = index;
            this.sentAt = sentAt;
            this.reservation = reservation;
            this.slot = reservation.endpoint().slot();
            this.placed = view.placed(slot);
        }

        void onToken(EngineRequest request, long at) {
            boolean first = firstAt == 0;
            arrivesAt = Math.max(arrivesAt, at + (first || request.finished() ? conditions.delayNanos() : 0));
            if (first) {
                firstAt = arrivesAt;
                timeline.at(arrivesAt, () -> {
                    reservation.firstToken();
                    view.started(placed);
                });
            } else if (measured[index]) {
                tokenGaps.record(index, (at - tokenAt) / 1000);
            }
            tokenAt = at;
            if (request.finished()) {
                lastAt = arrivesAt;
                minuteWork.ends(request);
                outcomes[index] = outcome(request);
                var usage = new Usage(request.promptTokens(), request.cachedTokens(), request.outputTokens());
                timeline.at(arrivesAt, () -> {
                    reservation.settle(usage);
                    answered(index);
                });
            }
        }

        private RequestOutcome outcome(EngineRequest request) {
            int tokens = request.outputTokens();
            var planned = plan.requests().get(index);
            return new RequestOutcome(
                    plan.name(),
                    planned.tenant(),
                    planned.priority(),
                    sentAt * NANOS,
                    lastAt * NANOS,
                    (firstAt - sentAt) * NANOS,
                    tokens < 2 ? -1 : (lastAt - firstAt) * NANOS / (tokens - 1),
                    request.promptTokens(),
                    request.cachedTokens(),
                    tokens,
                    request.workSeconds(),
                    slot,
                    measured[index],
                    Ending.COMPLETED,
                    null);
        }
    }
}
