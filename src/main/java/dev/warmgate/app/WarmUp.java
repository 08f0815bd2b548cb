package dev.warmgate.app;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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

    /** Each kind twice, however long that takes. */
    private static final int LEAST = 2 * Rehearsal.QUESTIONS.size();

    /** The time it takes, where that is enough for the least. */
    private static final Duration LIMIT = Duration.ofMillis(150);

    private final FutureTask<Integer> requests;

    private WarmUp(Rehearsal.Opening door) {
        requests = new FutureTask<>(() -> run(door));
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
        Thread.ofPlatform().name("warm-up").daemon().start(requests);
    }

    /** Waits for what was begun, or does it now, and returns how many requests were answered well. */
    int finish() {
        requests.run();
        try {
            return requests.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** Sends requests until it has taken long enough, and returns how many were answered well. */
    private static int run(Rehearsal.Opening door) {
        int answered = 0;
        try (var rehearsal = door.open()) {
            long until = System.nanoTime() + LIMIT.toNanos();
            while (answered < MOST
                    && (answered < LEAST || System.nanoTime() - until < 0)
                    && rehearsal.ask(Rehearsal.QUESTIONS.get(answered % Rehearsal.QUESTIONS.size()))) {
                answered++;
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("No warm-up", e);
        }
        return answered;
    }
}
