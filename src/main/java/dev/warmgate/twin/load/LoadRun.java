package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import dev.warmgate.twin.workload.WordText;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a plan against one target.
 *
 * <p>A stage without requests, or whose requests have all ended before its turn, is passed over.
 *
 * <p>Any thread may call its methods.
 */
public final class LoadRun implements AutoCloseable {
    /** Hears the times between tokens. */
    @FunctionalInterface
    public interface GapListener {
        /** Another event with text came, so many model microseconds after the one before. */
        void gap(int request, long micros);
    }

    private static final String CANCELLED = "cancelled";
    private static final byte[] NO_TEXT = {};

    private final LoadSettings settings;
    private final Plan plan;
    private final GapListener gaps;
    private final boolean[] measured;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final Connections connections;
    private final WordText words;
    private final CompletableFuture<List<RequestOutcome>> result = new CompletableFuture<>();

    /** Published by the event loop after each change, read by whoever shows it. */
    private volatile LoadProgress progress;

    // The rest is confined to the event loop.
    private final @Nullable RequestOutcome[] outcomes;

    /** Per request, the conversation that it goes on with, from the end of the one before until it is sent. */
    private final @Nullable Conversation[] conversations;

    /** Per stage, requests that have not ended. */
    private final int[] unended;

    /** Requests that are held back while too many are in flight, oldest first. */
    private final ArrayDeque<Integer> held = new ArrayDeque<>();

    private final Set<Exchange> open = new LinkedHashSet<>();
    private int stage;
    private long originNanos;
    private boolean cancelled;
    private int ended;
    private int completed;
    private int firstTokens;
    private long ttftNanos;
    private long promptTokens;
    private long cachedTokens;

    private LoadRun(LoadSettings settings, Plan plan, GapListener gaps) {
        this.settings = settings;
        this.plan = plan;
        this.gaps = gaps;
        this.measured = plan.measured(settings.warmup());
        this.words = new WordText(settings.textSeed());
        var requests = plan.requests();
        this.outcomes = new RequestOutcome[requests.size()];
        this.conversations = new Conversation[requests.size()];
        this.unended =
                new int[requests.stream().mapToInt(PlannedRequest::stage).max().orElse(0) + 1];
        for (var request : requests) {
            unended[request.stage()]++;
        }
        this.progress = new LoadProgress(requests.size(), 0, 0, 0, 0, 0, 0, 0);
        this.group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("load", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.loop = (EventLoop) group.next();
        this.connections = new Connections(loop, settings);
    }

    /** Starts to send; the plan's times count from now. */
    public static LoadRun start(LoadSettings settings, Plan plan) {
        return start(settings, plan, (_, _) -> {});
    }

    /**
     * Starts to send; the plan's times count from now.
     *
     * @param gaps hears the times between two events of one answer that held text, those of measured requests, before
     *     {@link #outcomes} is complete; called by the run's thread
     */
    public static LoadRun start(LoadSettings settings, Plan plan, GapListener gaps) {
        var run = new LoadRun(settings, plan, gaps);
        run.loop.execute(run::begin);
        return run;
    }

    /** Returns how far the run is. */
    public LoadProgress progress() {
        return progress;
    }

    /**
     * Returns the outcomes, one per planned request, in the plan's order; complete when the last request has ended or the
     * run was cancelled.
     */
    public CompletableFuture<List<RequestOutcome>> outcomes() {
        return result.copy();
    }

    /** Leaves all requests in flight and sends no more; what did not end before has the outcome "cancelled". */
    public void cancel() {
        if (!group.isShuttingDown()) {
            loop.execute(this::cancelOnLoop);
        }
    }

    /** Cancels the run and closes its connections; returns when that is done. */
    @Override
    public void close() {
        cancel();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void begin() {
        originNanos = System.nanoTime();
        beginStage();
    }

    private void beginStage() {
        while (unended[stage] == 0 && stage + 1 < unended.length) {
            stage++;
        }
        var requests = plan.requests();
        for (int i = 0; i < requests.size(); i++) {
            var request = requests.get(i);
            if (request.stage() == stage && request.after() < 0) {
                int index = i;
                after(request.atSeconds(), () -> offer(index));
            }
        }
    }

    /** Runs {@code action} in {@code seconds} model seconds. */
    private void after(double seconds, Runnable action) {
        var _ = loop.schedule(action, (long) (seconds / settings.speedUp() * 1e9), TimeUnit.NANOSECONDS);
    }

    private double modelSeconds(long nanos) {
        return nanos * 1e-9 * settings.speedUp();
    }

    private void offer(int index) {
        if (cancelled) {
            return;
        }
        if (open.size() < settings.mostInFlight()) {
            send(index);
        } else {
            held.add(index);
        }
    }

    private void send(int index) {
        var request = plan.requests().get(index);
        var conversation = conversations[index];
        conversations[index] = null;
        if (conversation == null) {
            conversation = new Conversation(settings.model(), request.session(), words);
        }
        request.input().forEach(conversation::add);
        var flight = new Flight(index, conversation);
        var exchange = new Exchange(
                conversation.body(request.outputTokens(), settings.ignoreEos()),
                StandingHeaders.of(request, settings.speedUp()),
                flight,
                System.nanoTime());
        exchange.timeout(loop.schedule(
                () -> exchange.fail("timeout", System.nanoTime()),
                settings.requestTimeout().toNanos(),
                TimeUnit.NANOSECONDS));
        open.add(exchange);
        publish();
        connections.send(exchange);
    }

    /** Starts what follows a request that was not refused. */
    private void goOn(int index, Conversation conversation, Exchange exchange) {
        var starting = plan.followers(index);
        var continuing = starting.stream()
                .filter(f -> plan.requests().get(f).continues())
                .toList();
        byte[] answer = continuing.isEmpty() ? NO_TEXT : exchange.answer().text();
        if (answer.length > 0) {
            // A failed turn may leave no answer; the session goes on, as a person would.
            conversation.addAnswer(answer);
        }
        for (int i = 0; i < continuing.size(); i++) {
            boolean last = i == continuing.size() - 1;
            conversations[continuing.get(i)] = last ? conversation : conversation.copy();
        }
        for (int follower : starting) {
            after(plan.requests().get(follower).delaySeconds(), () -> offer(follower));
        }
    }

    /** Ends what would have followed a request that was refused. */
    private void giveUp(int index, double now) {
        for (int dependent : plan.dependents(index)) {
            outcomes[dependent] = unanswered(dependent, now, Ending.NOT_SENT, RequestOutcome.NOT_SENT);
            close(dependent);
        }
    }

    private RequestOutcome unanswered(int index, double now, Ending ending, String failure) {
        return RequestOutcome.unanswered(
                plan.name(), plan.requests().get(index), now, now, measured[index], ending, failure);
    }

    private void close(int index) {
        ended++;
        unended[plan.requests().get(index).stage()]--;
    }

    private void cancelOnLoop() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        for (var exchange : List.copyOf(open)) {
            exchange.fail(CANCELLED, System.nanoTime());
        }
        double now = modelSeconds(System.nanoTime() - originNanos);
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                outcomes[i] = unanswered(i, now, Ending.FAILED, CANCELLED);
                close(i);
            }
        }
        endIfComplete();
    }

    private void endIfComplete() {
        publish();
        if (ended == outcomes.length) {
            var all = new ArrayList<RequestOutcome>(ended);
            for (var outcome : outcomes) {
                if (outcome != null) {
                    all.add(outcome);
                }
            }
            result.complete(List.copyOf(all));
        }
    }

    private void publish() {
        progress = new LoadProgress(
                outcomes.length,
                open.size(),
                completed,
                ended - completed,
                firstTokens,
                firstTokens == 0 ? 0 : modelSeconds(ttftNanos) / firstTokens,
                promptTokens,
                cachedTokens);
    }

    /** One request on its way. */
    private final class Flight implements Exchange.Listener {
        private final int index;
        private final Conversation conversation;

        Flight(int index, Conversation conversation) {
            this.index = index;
            this.conversation = conversation;
        }

        @Override
        public void firstToken(Exchange exchange) {
            firstTokens++;
            ttftNanos += exchange.ttftNanos();
            publish();
        }

        @Override
        public void gap(long nanos) {
            if (measured[index]) {
                gaps.gap(index, (long) (modelSeconds(nanos) * 1e6));
            }
        }

        @Override
        public void ended(Exchange exchange) {
            open.remove(exchange);
            var outcome = outcome(exchange);
            outcomes[index] = outcome;
            close(index);
            if (outcome.completed()) {
                completed++;
                if (outcome.cachedTokens() >= 0) {
                    promptTokens += outcome.promptTokens();
                    cachedTokens += outcome.cachedTokens();
                }
            }
            if (!cancelled) {
                var next = held.poll();
                if (next != null) {
                    send(next);
                }
                if (exchange.ending() == Ending.REFUSED) {
                    giveUp(index, outcome.endSeconds());
                } else {
                    goOn(index, conversation, exchange);
                }
                if (unended[stage] == 0 && stage + 1 < unended.length) {
                    stage++;
                    beginStage();
                }
            }
            endIfComplete();
        }

        private RequestOutcome outcome(Exchange exchange) {
            var answer = exchange.answer();
            long ttft = exchange.ttftNanos();
            long tpot = exchange.tpotNanos();
            var planned = plan.requests().get(index);
            return new RequestOutcome(
                    plan.name(),
                    planned.tenant(),
                    planned.priority(),
                    modelSeconds(exchange.startNanos() - originNanos),
                    modelSeconds(exchange.endNanos() - originNanos),
                    ttft < 0 ? -1 : modelSeconds(ttft),
                    tpot < 0 ? -1 : modelSeconds(tpot),
                    answer.promptTokens(),
                    answer.cachedTokens(),
                    answer.outputTokens(),
                    Double.NaN,
                    -1,
                    measured[index],
                    exchange.ending(),
                    exchange.failure());
        }
    }
}
