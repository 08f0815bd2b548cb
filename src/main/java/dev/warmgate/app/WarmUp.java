package dev.warmgate.app;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final FutureTask<Integer> requests;

    /** Whether the start is done but for this. */
    private volatile boolean awaited;

    private WarmUp(Rehearsal.Opening door) {
        requests = new FutureTask<>(() -> send(door));
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

    /** Waits for the least of what was begun, or does it now, and returns how many requests were answered well. */
    int finish() {
        awaited = true;
        requests.run();
        try {
            return requests.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException _) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** Sends requests for as long as the start takes anyway, and returns how many were answered well. */
    private int send(Rehearsal.Opening door) {
        int answered = 0;
        try (var rehearsal = door.open()) {
            while (answered < MOST
                    && (answered < LEAST || !awaited)
                    && rehearsal.ask(Rehearsal.QUESTIONS.get(answered % Rehearsal.QUESTIONS.size()))) {
                answered++;
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("No warm-up", e);
        }
        return answered;
    }
}
