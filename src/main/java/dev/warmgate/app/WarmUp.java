package dev.warmgate.app;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that the gateway sends itself before it is ready, so that no client's request has to wait until all that is
 * needed for one is loaded and linked.
 *
 * <p>They go through a door, a router and metrics of their own, on loopback ports that nobody is told: nothing of them is
 * seen in what the real ones count, keep or log. A failure costs nothing but the head start.
 */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** By then most of what there is to gain is gained. */
    private static final int MOST = 24;

    /** Each kind once, however long that takes. */
    private static final int LEAST = Rehearsal.QUESTIONS.size();

    /** A start waits for so many. The first loads nearly all that the others need, too. */
    private static final int AWAITED = 1;

    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Rehearsal.Opening door;
    private final AtomicBoolean begun = new AtomicBoolean();

    /** Done when there was enough of it for a start, or no more comes. */
    private final CountDownLatch enough = new CountDownLatch(1);

    /** How many requests were answered well; known before the door is closed, for which nobody has to wait. */
    private final CompletableFuture<Integer> answered = new CompletableFuture<>();

    /** Whether the start is done but for this. */
    private volatile boolean awaited;

    private WarmUp(Rehearsal.Opening door) {
        this.door = door;
    }

    /** Requests such as clients send. */
    static WarmUp ofClients() {
        return new WarmUp(ClientRehearsal::open);
    }

    /** Requests that a gateway asks about. */
    static WarmUp ofGateways() {
        return new WarmUp(GatewayRehearsal::open);
    }

    /** Begins on a thread of its own, while the command line and the configuration are read. */
    void begin() {
        Thread.ofPlatform().name("warm-up").daemon().start(this::run);
    }

    /** Waits for the first of the requests that were begun, or sends them now; from now on no more come than are due. */
    void finish() {
        awaited = true;
        run();
        try {
            var _ = enough.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns how many requests were answered well, when no more come; none if that takes too long. */
    int answered() {
        return answered.completeOnTimeout(0, LONGEST.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** Once, by whoever comes first. */
    private void run() {
        if (begun.getAndSet(true)) {
            return;
        }
        try (var rehearsal = door.open()) {
            answered.complete(send(rehearsal));
        } catch (IOException | RuntimeException e) {
            LOG.debug("No warm-up", e);
        } finally {
            enough.countDown();
            answered.complete(0); // unless it was
        }
    }

    /** Sends requests for as long as the start takes anyway, and returns how many were answered well. */
    private int send(Rehearsal rehearsal) {
        int count = 0;
        try {
            while (count < MOST
                    && (count < LEAST || !awaited)
                    && rehearsal.ask(Rehearsal.QUESTIONS.get(count % Rehearsal.QUESTIONS.size()))) {
                count++;
                if (count == AWAITED) {
                    enough.countDown();
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("No more warm-up", e);
        }
        return count;
    }
}
