package dev.warmgate.router;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether one endpoint may be used, from what requests saw (passive) and what the active check saw.
 *
 * <p>An endpoint is ejected for a while after enough failures in a row, or when too large a share of its requests failed
 * lately. After a failed active check it is down until a check passes. A passing check also ends an ejection for failures in
 * a row early, but only after the endpoint has been left alone for the first ejection's length: an engine can answer its
 * health page and still fail every request.
 *
 * <p>Any thread; short synchronized sections, the decision itself reads two volatiles.
 */
final class Health {
    /*
     * Requests and failures are counted with a weight that falls by 1/e in WINDOW_SECONDS. What was counted before an
     * ejection does not count after it. Each ejection lasts twice as long as the one before, if that was for failures in a
     * row and no answer came since, or if it was for their share and ended less than RELAPSE_SECONDS ago.
     */

    private static final double WINDOW_SECONDS = 30;

    /** Fewer requests in the window say nothing about a share. */
    private static final int LEAST_REQUESTS = 10;

    private static final double RELAPSE_SECONDS = 60;

    /** Ejections are shorter than their length by up to this share, so that those ejected together do not return together. */
    private static final double SPREAD = 0.2;

    /** The share of its usual work that an endpoint takes when it comes back. */
    private static final double FIRST_SHARE = 0.1;

    private static final double NANOS = 1e9;

    private final LongSupplier nanoTime;
    private final Runnable changed;
    private volatile HealthPolicy policy;

    // Guarded by this.
    private int failuresInRow;
    private int ejectionsInRow;
    private boolean forShare;
    private long ejectedAt;
    private double requests;
    private double failures;
    private long countedAt;

    /** Changes with every ejection; see {@link #SPREAD}. */
    private long dice;

    // Written under this lock, read by any thread.
    private volatile CheckResult lastCheck = CheckResult.ALIVE;
    private volatile boolean ejected;

    /** Nanotime until which the endpoint is ejected; meaningful only while {@link #ejected}. */
    private volatile long ejectedUntil;

    private volatile boolean cameBack;

    /** When it began to take requests again; meaningful only if {@link #cameBack}. */
    private volatile long backSince;

    /** When the last whole answer came; meaningful only if {@link #succeeded}. */
    private volatile long succeededAt;

    private volatile boolean succeeded;

    /**
     * Creates the health of an endpoint that is well.
     *
     * @param seed differs from endpoint to endpoint
     * @param changed told, after each change, that {@link #available} or {@link #share} may answer otherwise than before, and
     *     not only because time passed; by the thread that reports, so that it must be quick
     */
    Health(HealthPolicy policy, LongSupplier nanoTime, long seed, Runnable changed) {
        this.policy = policy;
        this.nanoTime = nanoTime;
        this.dice = seed;
        this.changed = changed;
    }

    /** Takes other rules, which count from the next report on. */
    void policy(HealthPolicy newPolicy) {
        policy = newPolicy;
        changed.run();
    }

    boolean available() {
        return lastCheck == CheckResult.ALIVE && ejectionIsOver();
    }

    Endpoint.Condition condition() {
        return switch (lastCheck) {
            case REFUSED -> Endpoint.Condition.GONE;
            case SICK -> Endpoint.Condition.SICK;
            case ALIVE -> ejectionIsOver() ? Endpoint.Condition.WELL : Endpoint.Condition.EJECTED;
        };
    }

    Duration unavailableFor() {
        if (available()) {
            return Duration.ZERO;
        }
        var rest = ejected ? Duration.ofNanos(ejectedUntil - nanoTime.getAsLong()) : Duration.ZERO;
        var first = policy.firstEjection();
        return rest.compareTo(first) > 0 || lastCheck == CheckResult.ALIVE ? rest : first;
    }

    /** Returns the share of its usual work that the endpoint should take: less than 1 for a while after it came back. */
    double share(long now) {
        if (!cameBack) {
            return 1;
        }
        double length = policy.slowStart().toNanos();
        return length == 0 ? 1 : Math.clamp((now - backSince) / length, FIRST_SHARE, 1);
    }

    /** Returns whether it was ejected and no answer or check came since, so that only time tells whether it is well. */
    boolean ejected() {
        return ejected;
    }

    /** Returns how much longer it takes less than its usual share; 0 or less if that is over. */
    long slowNanos(long now) {
        return cameBack ? backSince + policy.slowStart().toNanos() - now : 0;
    }

    /** Hears that the endpoint begins to take requests, or does again. */
    synchronized void begins() {
        beginsAt(nanoTime.getAsLong());
        changed.run();
    }

    private void beginsAt(long time) {
        backSince = time;
        cameBack = true;
    }

    boolean succeededWithin(Duration time) {
        return succeeded && nanoTime.getAsLong() - succeededAt <= time.toNanos();
    }

    synchronized void success() {
        long now = nanoTime.getAsLong();
        succeededAt = now;
        succeeded = true;
        count(0, now);
        failuresInRow = 0;
        // One of which a share fails answers well between.
        if (!forShare) {
            ejectionsInRow = 0;
            endEjection();
        }
    }

    synchronized void failure(FailureKind kind) {
        long now = nanoTime.getAsLong();
        count(1, now);
        failuresInRow += kind == FailureKind.CONNECT ? 2 : 1;
        // After an ejection ran out, a single failure is enough for the next, longer one.
        boolean again = ejectionsInRow > 0 && !forShare && ejectionIsOver();
        if (failuresInRow >= policy.consecutiveFailures() || again) {
            eject(false, now);
        } else if (requests >= LEAST_REQUESTS && tooManyFailures()) {
            eject(true, now);
        }
    }

    /** Returns whether more failed than the share and, because few tell little, one standard deviation. */
    private boolean tooManyFailures() {
        double share = policy.failureShare();
        return failures > share * requests + Math.sqrt(share * (1 - share) * requests);
    }

    private void count(int failed, long now) {
        // Clocks are read before the lock is taken, and the first time is any number.
        double kept = Math.min(1, Math.exp((countedAt - now) / NANOS / WINDOW_SECONDS));
        requests = requests * kept + 1;
        failures = failures * kept + failed;
        countedAt = now;
    }

    synchronized void check(CheckResult result) {
        if (result == CheckResult.ALIVE) {
            if (lastCheck != CheckResult.ALIVE) {
                beginsAt(nanoTime.getAsLong());
                endEjection();
                failuresInRow = 0;
            } else if (ejected && !forShare && restedEnough()) {
                endEjection();
                failuresInRow = 0;
            }
        }
        if (result != lastCheck) {
            lastCheck = result;
            changed.run();
        }
    }

    private boolean ejectionIsOver() {
        return !ejected || nanoTime.getAsLong() - ejectedUntil >= 0;
    }

    private boolean restedEnough() {
        return nanoTime.getAsLong() - ejectedAt >= policy.firstEjection().toNanos();
    }

    private void endEjection() {
        if (!ejectionIsOver()) {
            beginsAt(nanoTime.getAsLong());
        }
        forShare = false;
        if (ejected) {
            ejected = false;
            changed.run();
        }
    }

    private void eject(boolean share, long now) {
        if (!ejectionIsOver()) {
            return;
        }
        if (forShare && now - ejectedUntil > RELAPSE_SECONDS * NANOS) {
            ejectionsInRow = 0;
        }
        long length = policy.firstEjection().toNanos() << Math.min(ejectionsInRow, 20);
        ejectionsInRow++;
        ejectedAt = now;
        ejectedUntil = now + (long) (Math.min(length, policy.longestEjection().toNanos()) * (1 - SPREAD * roll()));
        beginsAt(ejectedUntil);
        ejected = true;
        forShare = share;
        requests = 0;
        failures = 0;
        changed.run();
    }

    /** Returns a number from 0 to 1 by the finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
    private double roll() {
        dice += 0x9E3779B97F4A7C15L;
        long z = (dice ^ (dice >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }
}
