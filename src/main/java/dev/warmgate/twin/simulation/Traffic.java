package dev.warmgate.twin.simulation;

import dev.warmgate.router.Decision;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.twin.engine.EngineRequest;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.report.ExplainedRequest;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.RequestOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;

/**
 * Sends the requests of a plan through the gateways' routers to the engines, and notes what comes of them.
 *
 * <p>A stage without requests, or whose requests have all ended before its turn, is passed over.
 *
 * <p>Confined to the simulation's thread.
 */
final class Traffic {
    private static final double NANOS = 1e-9;

    /** Longest time between two tokens that is told apart, in microseconds. */
    private static final long LONGEST_GAP = 3_600_000_000L;

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
    private final Histogram tokenGaps = new Histogram(1, LONGEST_GAP, 3);

    /** Per request, those that its end starts. */
    private final List<List<Integer>> followers = new ArrayList<>();

    /** By request, those to be explained. */
    private final SortedMap<Integer, Decision> decisions = new TreeMap<>();

    /** Per stage, requests that have not ended. */
    private final int[] open;

    /** Requests that the client holds back, oldest first. */
    private final ArrayDeque<Integer> held = new ArrayDeque<>();

    private int stage;
    private int inFlight;
    private int ended;

    /**
     * What requests meet on their way.
     *
     * @param random source of chance
     * @param jitterSeconds longest delay of a message between gateway and endpoint
     * @param mostInFlight requests that the client has in flight at most
     */
    record Conditions(SplittableRandom random, double jitterSeconds, int mostInFlight) {
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
        var requests = plan.requests();
        outcomes = new RequestOutcome[requests.size()];
        int stages = 0;
        for (var request : requests) {
            followers.add(new ArrayList<>(1));
            stages = Math.max(stages, request.stage() + 1);
        }
        open = new int[stages];
        for (int i = 0; i < requests.size(); i++) {
            open[requests.get(i).stage()]++;
            if (requests.get(i).after() >= 0) {
                followers.get(requests.get(i).after()).add(i);
            }
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

    Histogram tokenGaps() {
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
        boolean explained = explain.contains(index);
        var request = new InferenceRequest(
                Simulation.MODEL, shape.prompt(), -1, plan.requests().get(index).session(), explained);
        if (!(gateway.route(request, Set.of()) instanceof RouteResult.Routed routed)) {
            throw new IllegalStateException("request " + index + " found no endpoint");
        }
        if (explained) {
            decisions.put(index, routed.reservation().decision());
        }
        var flight = new Flight(index, routed.reservation());
        var engineRequest = new EngineRequest(index, sequence, plan.promptTokens(index), flight::onToken);
        long delay = conditions.delayNanos();
        if (delay == 0) {
            engines.get(flight.slot).submit(engineRequest, timeline.now());
        } else {
            timeline.at(timeline.now() + delay, () -> engines.get(flight.slot).submit(engineRequest, timeline.now()));
        }
    }

    private void end(int index) {
        ended++;
        inFlight--;
        progress.accept(ended);
        var next = held.poll();
        if (next != null) {
            send(next);
        }
        for (int follower : followers.get(index)) {
            double delay = plan.requests().get(follower).delaySeconds();
            timeline.at(timeline.now() + (long) (delay * 1e9), () -> offer(follower));
        }
        int of = plan.requests().get(index).stage();
        if (--open[of] == 0 && of == stage && stage + 1 < open.length) {
            stage++;
            beginStage();
        }
    }

    /** One request between its decision and its end. */
    private final class Flight {
        private final int index;
        private final Reservation reservation;
        private final int slot;
        private final long sentAt = timeline.now();
        private final EngineView.Placed placed;
        private long tokenAt;
        private long firstAt;
        private long lastAt;

        /** When the latest message of the answer reaches the gateway: messages do not overtake each other. */
        private long arrivesAt;

        Flight(int index, Reservation reservation) {
            this.index = index;
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
                tokenGaps.recordValue(Math.clamp((at - tokenAt) / 1000, 1, LONGEST_GAP));
            }
            tokenAt = at;
            if (request.finished()) {
                lastAt = arrivesAt;
                outcomes[index] = outcome(request);
                var usage = new Usage(request.promptTokens(), request.cachedTokens(), request.outputTokens());
                timeline.at(arrivesAt, () -> {
                    reservation.settle(usage);
                    end(index);
                });
            }
        }

        private RequestOutcome outcome(EngineRequest request) {
            int tokens = request.outputTokens();
            return new RequestOutcome(
                    plan.name(),
                    sentAt * NANOS,
                    lastAt * NANOS,
                    (firstAt - sentAt) * NANOS,
                    tokens < 2 ? -1 : (lastAt - firstAt) * NANOS / (tokens - 1),
                    request.promptTokens(),
                    request.cachedTokens(),
                    tokens,
                    slot,
                    measured[index],
                    null);
        }
    }
}
