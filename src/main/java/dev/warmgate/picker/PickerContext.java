package dev.warmgate.picker;

import dev.warmgate.dialect.RequestReader;
import dev.warmgate.door.Access;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Router;
import dev.warmgate.router.Trace;
import dev.warmgate.router.prefix.PromptHasher;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import java.net.ConnectException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the calls of one picker share. Any thread. */
final class PickerContext {
    private static final Logger LOG = LoggerFactory.getLogger(PickerContext.class);

    /** No answer within this time is no sign of death. */
    private static final int PROBE_MILLIS = 500;

    private final Router router;
    private final RequestObserver observer;
    private final EventLoopGroup executor;
    private final Class<? extends Channel> sockets;
    private final ThreadLocal<Scanner> scanners;
    private final AtomicInteger open = new AtomicInteger();
    private final HeldObjects held;
    private volatile Conditions conditions;

    /** What a call reads once, when it begins. */
    record Conditions(PickerSettings settings, Access access) {}

    /** What reads bodies; one for each thread. */
    record Scanner(RequestReader reader, PromptHasher hasher) {}

    PickerContext(
            PickerSettings settings,
            Router router,
            Access access,
            long promptSecret,
            RequestObserver observer,
            EventLoopGroup executor,
            Class<? extends Channel> sockets) {
        this.conditions = new Conditions(settings, access);
        this.router = router;
        this.observer = observer;
        this.executor = executor;
        this.sockets = sockets;
        this.held = new HeldObjects(promptSecret);
        this.scanners = ThreadLocal.withInitial(() -> new Scanner(new RequestReader(), new PromptHasher(promptSecret)));
    }

    Conditions conditions() {
        return conditions;
    }

    /** Calls that begin from now on see these. */
    void conditions(Conditions others) {
        conditions = others;
    }

    Router router() {
        return router;
    }

    HeldObjects held() {
        return held;
    }

    /** Tells, on another thread, whether an endpoint refuses connections, which a dead process does at once. */
    void askWhetherDead(Endpoint endpoint, Consumer<Boolean> dead) {
        var address = endpoint.address();
        new Bootstrap()
                .group(executor)
                .channel(sockets)
                .handler(new ChannelInboundHandlerAdapter())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, PROBE_MILLIS)
                .connect(Destinations.host(endpoint), address.getPort())
                .addListener((ChannelFutureListener) asked -> {
                    var _ = asked.channel().close();
                    dead.accept(asked.cause() instanceof ConnectException refused
                            && !(refused instanceof ConnectTimeoutException));
                });
    }

    Scanner scanner() {
        return scanners.get();
    }

    long nanoTime() {
        return System.nanoTime();
    }

    /** Returns a request id that no other request has: 96 random bits. */
    String newRequestId() {
        var random = ThreadLocalRandom.current();
        return Long.toHexString(random.nextLong() | Long.MIN_VALUE) + Integer.toHexString(random.nextInt() | 1 << 31);
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }

    /** Returns calls that are open. */
    int openCalls() {
        return open.get();
    }

    /** Returns a request's place in a trace, or null if requests are not traced. */
    @Nullable
    Trace begun(RequestHead head) {
        return observer.traces() ? observer.begun(head.traceParent()) : null;
    }

    void retried(Reservation left, FailureKind kind) {
        observer.retried(left.decision().pool(), left.endpoint().name(), kind);
    }

    void ended(RequestReport report) {
        try {
            observer.ended(report);
        } catch (RuntimeException e) {
            LOG.warn("An observer of requests failed", e);
        }
    }
}
