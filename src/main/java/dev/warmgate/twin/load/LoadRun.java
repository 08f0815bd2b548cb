package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
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
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One run of a plan against one target.
 *
 * <p>A stage without requests, or whose requests have all ended before its turn, is passed over.
 *
 * <p>Any thread may call its methods.
 */
public final class LoadRun implements AutoCloseable {
    private static final String CANCELLED = "cancelled";
    private static final byte[] NO_TEXT = {};

    /** Longest gap between events that is told apart, in microseconds. */
    private static final long LONGEST_GAP = 3_600_000_000L;

    private final LoadSettings settings;
    private final Plan plan;
    private final boolean[] measured;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final Connections connections;
    private final WordText words;
    private final CompletableFuture<List<RequestOutcome>> result = new CompletableFuture<>();

    /** Per request, those that its end starts. */
    private final List<List<Integer>> followers = new ArrayList<>();

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

    private final Histogram gaps = new Histogram(1, LONGEST_GAP, 3);
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

    private LoadRun(LoadSettings settings, Plan plan) {
        this.settings = settings;
        this.plan = plan;
        this.measured = plan.measured(settings.warmup());
        this.words = new WordText(settings.textSeed());
        var requests = plan.requests();
        this.outcomes = new RequestOutcome[requests.size()];
        this.conversations = new Conversation[requests.size()];
        this.unended =
                new int[requests.stream().mapToInt(PlannedRequest::stage).max().orElse(0) + 1];
        for (int i = 0; i < requests.size(); i++) {
            followers.add(new ArrayList<>(1));
            unended[requests.get(i).stage()]++;
            if (requests.get(i).after() >= 0) {
                followers.get(requests.get(i).after()).add(i);
            }
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
        var run = new LoadRun(settings, plan);
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

    /**
     * Returns the times between two events of one answer that held text, those of measured requests, in model
     * microseconds. To be called after {@link #outcomes} is complete.
     */
    public Histogram gaps() {
        return gaps;
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
                conversation.body(request.outputTokens(), settings.ignoreEos()), flight, System.nanoTime());
        exchange.timeout(loop.schedule(
                () -> exchange.fail("timeout", System.nanoTime()),
                settings.requestTimeout().toNanos(),
                TimeUnit.NANOSECONDS));
        open.add(exchange);
        publish();
        connections.send(exchange);
    }

    private void end(int index, Conversation conversation, Exchange exchange) {
        var starting = followers.get(index);
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
        int of = plan.requests().get(index).stage();
        if (--unended[of] == 0 && of == stage && stage + 1 < unended.length) {
            stage++;
            beginStage();
        }
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
                outcomes[i] = new RequestOutcome(plan.name(), now, now, -1, -1, 0, -1, 0, -1, measured[i], CANCELLED);
                ended++;
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
                gaps.recordValue(Math.clamp((long) (modelSeconds(nanos) * 1e6), 0, LONGEST_GAP));
            }
        }

        @Override
        public void ended(Exchange exchange) {
            open.remove(exchange);
            var outcome = outcome(exchange);
            outcomes[index] = outcome;
            ended++;
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
                end(index, conversation, exchange);
            }
            endIfComplete();
        }

        private RequestOutcome outcome(Exchange exchange) {
            var answer = exchange.answer();
            long ttft = exchange.ttftNanos();
            long tpot = exchange.tpotNanos();
            return new RequestOutcome(
                    plan.name(),
                    modelSeconds(exchange.startNanos() - originNanos),
                    modelSeconds(exchange.endNanos() - originNanos),
                    ttft < 0 ? -1 : modelSeconds(ttft),
                    tpot < 0 ? -1 : modelSeconds(tpot),
                    answer.promptTokens(),
                    answer.cachedTokens(),
                    answer.outputTokens(),
                    -1,
                    measured[index],
                    exchange.failure());
        }
    }
}
