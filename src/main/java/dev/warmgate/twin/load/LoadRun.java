package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.Session;
import dev.warmgate.twin.workload.WordText;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of a workload against one target.
 *
 * <p>Any thread may call its methods.
 */
public final class LoadRun implements AutoCloseable {
    private static final String CANCELLED = "cancelled";

    private final LoadSettings settings;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final Connections connections;
    private final CompletableFuture<List<RequestOutcome>> result = new CompletableFuture<>();
    private final int planned;

    /** Published by the event loop after each change, read by whoever shows it. */
    private volatile LoadProgress progress;

    // The rest is confined to the event loop.
    private final List<RequestOutcome> outcomes;
    private final Set<Exchange> open = new LinkedHashSet<>();
    private long originNanos;
    private boolean cancelled;
    private int completed;
    private int firstTokens;
    private long ttftNanos;
    private long promptTokens;
    private long cachedTokens;

    private LoadRun(LoadSettings settings, List<Session> sessions) {
        this.settings = settings;
        this.planned = sessions.stream().mapToInt(s -> s.turns().size()).sum();
        this.outcomes = new ArrayList<>(planned);
        this.progress = new LoadProgress(planned, 0, 0, 0, 0, 0, 0, 0);
        this.group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("load", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.loop = (EventLoop) group.next();
        this.connections = new Connections(loop, settings.target());
    }

    /** Starts to send; the first session's time counts from now. */
    public static LoadRun start(LoadSettings settings, List<Session> sessions) {
        var run = new LoadRun(settings, sessions);
        run.loop.execute(() -> run.begin(sessions));
        return run;
    }

    /** Returns how far the run is. */
    public LoadProgress progress() {
        return progress;
    }

    /**
     * Returns the outcomes, one per planned turn, in order of their ends; complete when the last request has ended or the
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

    private void begin(List<Session> sessions) {
        originNanos = System.nanoTime();
        var words = new WordText(settings.textSeed());
        for (int i = 0; i < sessions.size(); i++) {
            var session = sessions.get(i);
            var name = session.workload() + "-" + i;
            var driver = new Driver(session, new Conversation(settings.model(), name, words));
            after(session.startSeconds(), driver::next);
        }
        endIfComplete();
    }

    /** Runs {@code action} in {@code seconds} model seconds. */
    private void after(double seconds, Runnable action) {
        var _ = loop.schedule(action, (long) (seconds / settings.speedUp() * 1e9), TimeUnit.NANOSECONDS);
    }

    private double modelSeconds(long nanos) {
        return nanos * 1e-9 * settings.speedUp();
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
        while (outcomes.size() < planned) {
            outcomes.add(new RequestOutcome("", now, now, -1, -1, 0, 0, 0, -1, true, CANCELLED));
        }
        endIfComplete();
    }

    private void endIfComplete() {
        publish();
        if (outcomes.size() == planned) {
            result.complete(List.copyOf(outcomes));
        }
    }

    private void publish() {
        progress = new LoadProgress(
                planned,
                open.size(),
                completed,
                outcomes.size() - completed,
                firstTokens,
                firstTokens == 0 ? 0 : modelSeconds(ttftNanos) / firstTokens,
                promptTokens,
                cachedTokens);
    }

    /** Sends one session's turns, one after the other. */
    private final class Driver implements Exchange.Listener {
        private final Session session;
        private final Conversation conversation;
        private int turn;

        Driver(Session session, Conversation conversation) {
            this.session = session;
            this.conversation = conversation;
        }

        void next() {
            if (cancelled) {
                return;
            }
            var plan = session.turns().get(turn++);
            plan.input().forEach(conversation::add);
            var exchange = new Exchange(conversation.body(plan.outputTokens()), this, System.nanoTime());
            exchange.timeout(loop.schedule(
                    () -> exchange.fail("timeout", System.nanoTime()),
                    settings.requestTimeout().toNanos(),
                    TimeUnit.NANOSECONDS));
            open.add(exchange);
            publish();
            connections.send(exchange);
        }

        @Override
        public void firstToken(Exchange exchange) {
            firstTokens++;
            ttftNanos += exchange.ttftNanos();
            publish();
        }

        @Override
        public void ended(Exchange exchange) {
            open.remove(exchange);
            var outcome = outcome(exchange);
            outcomes.add(outcome);
            if (outcome.completed()) {
                completed++;
                promptTokens += outcome.promptTokens();
                cachedTokens += outcome.cachedTokens();
            }
            if (turn < session.turns().size()) {
                // A failed turn leaves no answer; the session goes on, as a person would.
                if (exchange.answer().started()) {
                    conversation.addAnswer(exchange.answer().text());
                }
                after(session.turns().get(turn).thinkSeconds(), this::next);
            }
            endIfComplete();
        }

        private RequestOutcome outcome(Exchange exchange) {
            var answer = exchange.answer();
            long ttft = exchange.ttftNanos();
            long itl = exchange.itlNanos();
            return new RequestOutcome(
                    session.workload(),
                    modelSeconds(exchange.startNanos() - originNanos),
                    modelSeconds(exchange.endNanos() - originNanos),
                    ttft < 0 ? -1 : modelSeconds(ttft),
                    itl < 0 ? -1 : modelSeconds(itl),
                    answer.promptTokens(),
                    answer.cachedTokens(),
                    answer.outputTokens(),
                    -1,
                    true,
                    exchange.failure());
        }
    }
}
