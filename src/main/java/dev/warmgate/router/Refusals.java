package dev.warmgate.router;

import dev.warmgate.router.admission.Flow;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What refused requests are told, and when they may try again. Owned by the pool's lock.
 */
final class Refusals {
    /** What was sent counts less by 1/e after this, in seconds. */
    private static final double RATE_SECONDS = 10;

    private static final double LEAST_RATE = 0.01;

    private static final double LONGEST_RETRY_SECONDS = 60;

    /** By how much the time to try again varies, as a share of it. */
    private static final double SPREAD = 0.25;

    private static final double NANOS = 1e9;

    private final RandomGenerator random;

    /** Work sent to the endpoints lately, in their seconds per second. */
    private double sentPerSecond;

    private long sentAt;

    Refusals(RandomGenerator random) {
        this.random = random;
    }

    /** Returns the answer to a request of a flow. */
    RouteResult.Refused of(RefusalReason reason, Flow flow) {
        return new RouteResult.Refused(reason, message(reason, flow), retryAfter(flow));
    }

    private static String message(RefusalReason reason, Flow flow) {
        return switch (reason) {
            case QUEUE_FULL -> "All endpoints are busy and as many requests wait as may.";
            case FLOW_FULL -> "All endpoints are busy and as many requests of " + flow.name() + " wait as may.";
            case SHED -> "All endpoints are busy and requests of higher priority came.";
            case EXPIRED -> "All endpoints were busy for as long as a request may wait.";
            case DEADLINE -> "The answer would come after the request's deadline.";
            case FILTERED -> "No endpoint may take this request.";
        };
    }

    /**
     * Returns when a refused request may find room: when what waits of its flow has gone, at the rate at which work goes
     * now, of which its flow has its share; more or less by chance, so that those refused together do not return together.
     */
    private Duration retryAfter(Flow flow) {
        double share = 1.0 / Math.max(1, flow.band().flowsWaiting());
        double seconds = flow.waitingSeconds() / Math.max(sentPerSecond * share, LEAST_RATE);
        double spread = 1 - SPREAD + 2 * SPREAD * random.nextDouble();
        return Router.retryAfter(Duration.ofMillis((long) (Math.min(seconds, LONGEST_RETRY_SECONDS) * spread * 1e3)));
    }

    /** Hears that work was sent to an endpoint. */
    void sent(double seconds, long now) {
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = Math.min(1, Math.exp((sentAt - now) / NANOS / RATE_SECONDS));
        sentPerSecond = sentPerSecond * kept + seconds / RATE_SECONDS;
        sentAt = now;
    }
}
