package dev.warmgate.router;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether one endpoint may be used, from what requests saw (passive) and what the active check saw.
 *
 * <p>An endpoint is ejected after enough failures in a row, or by one failed active check; the check is a second
 * opinion, so a passing one ends an ejection early, but only after the endpoint has been left alone for the first
 * ejection's length: an engine can answer its health page and still fail every request.
 *
 * <p>Any thread; short synchronized sections, the decision itself reads one volatile.
 */
final class Health {
    private final HealthPolicy policy;
    private final LongSupplier nanoTime;

    private int failuresInRow;
    private int ejectionsInRow;
    private long ejectedAt;
    private boolean checkFailed;

    /** Nanotime until which the endpoint is ejected; meaningful only while {@link #ejected}. */
    private volatile long ejectedUntil;

    private volatile boolean ejected;

    Health(HealthPolicy policy, LongSupplier nanoTime) {
        this.policy = policy;
        this.nanoTime = nanoTime;
    }

    boolean available() {
        return !ejected || nanoTime.getAsLong() - ejectedUntil >= 0;
    }

    Duration unavailableFor() {
        return available() ? Duration.ZERO : Duration.ofNanos(Math.max(1, ejectedUntil - nanoTime.getAsLong()));
    }

    synchronized void success() {
        failuresInRow = 0;
        ejectionsInRow = 0;
        checkFailed = false;
        ejected = false;
    }

    synchronized void failure(FailureKind kind) {
        failuresInRow += kind == FailureKind.CONNECT ? 2 : 1;
        // After an ejection ran out, a single failure is enough for the next, longer one.
        if (failuresInRow >= policy.consecutiveFailures() || (ejectionsInRow > 0 && available())) {
            eject();
        }
    }

    synchronized void check(boolean alive) {
        if (!alive) {
            checkFailed = true;
            if (!ejected || available()) {
                eject();
            }
        } else if (ejected && (checkFailed || restedEnough())) {
            checkFailed = false;
            ejected = false;
            failuresInRow = 0;
        }
    }

    private boolean restedEnough() {
        return nanoTime.getAsLong() - ejectedAt >= policy.firstEjection().toNanos();
    }

    private void eject() {
        if (ejected && !available()) {
            return;
        }
        long length = policy.firstEjection().toNanos() << Math.min(ejectionsInRow, 20);
        ejectionsInRow++;
        ejectedAt = nanoTime.getAsLong();
        ejectedUntil = ejectedAt + Math.min(length, policy.longestEjection().toNanos());
        ejected = true;
    }
}
