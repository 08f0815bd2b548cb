package dev.warmgate.router;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether one endpoint may be used, from what requests saw (passive) and what the active check saw.
 *
 * <p>An endpoint is ejected for a while after enough failures in a row. After a failed active check it is down until a
 * check passes. A passing check also ends an ejection early, but only after the endpoint has been
 * left alone for the first ejection's length: an engine can answer its health page and still fail every request.
 *
 * <p>Any thread; short synchronized sections, the decision itself reads one volatile.
 */
final class Health {
    private final LongSupplier nanoTime;
    private volatile HealthPolicy policy;

    private int failuresInRow;
    private int ejectionsInRow;
    private long ejectedAt;

    /** The last active check failed. */
    private volatile boolean down;

    /** Nanotime until which the endpoint is ejected; meaningful only while {@link #ejected}. */
    private volatile long ejectedUntil;

    private volatile boolean ejected;

    Health(HealthPolicy policy, LongSupplier nanoTime) {
        this.policy = policy;
        this.nanoTime = nanoTime;
    }

    /** Takes other rules, which count from the next report on. */
    void policy(HealthPolicy newPolicy) {
        policy = newPolicy;
    }

    boolean available() {
        return !down && ejectionIsOver();
    }

    Duration unavailableFor() {
        if (available()) {
            return Duration.ZERO;
        }
        var rest = ejected ? Duration.ofNanos(ejectedUntil - nanoTime.getAsLong()) : Duration.ZERO;
        return rest.compareTo(policy.firstEjection()) > 0 || !down ? rest : policy.firstEjection();
    }

    synchronized void success() {
        failuresInRow = 0;
        ejectionsInRow = 0;
        ejected = false;
    }

    synchronized void failure(FailureKind kind) {
        failuresInRow += kind == FailureKind.CONNECT ? 2 : 1;
        // After an ejection ran out, a single failure is enough for the next, longer one.
        if (failuresInRow >= policy.consecutiveFailures() || (ejectionsInRow > 0 && ejectionIsOver())) {
            eject();
        }
    }

    synchronized void check(boolean alive) {
        if (!alive) {
            down = true;
        } else if (down || (ejected && restedEnough())) {
            down = false;
            ejected = false;
            failuresInRow = 0;
        }
    }

    private boolean ejectionIsOver() {
        return !ejected || nanoTime.getAsLong() - ejectedUntil >= 0;
    }

    private boolean restedEnough() {
        return nanoTime.getAsLong() - ejectedAt >= policy.firstEjection().toNanos();
    }

    private void eject() {
        if (!ejectionIsOver()) {
            return;
        }
        long length = policy.firstEjection().toNanos() << Math.min(ejectionsInRow, 20);
        ejectionsInRow++;
        ejectedAt = nanoTime.getAsLong();
        ejectedUntil = ejectedAt + Math.min(length, policy.longestEjection().toNanos());
        ejected = true;
    }
}
