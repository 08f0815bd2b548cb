package dev.warmgate.proxy;

import dev.warmgate.router.Admittance;
import dev.warmgate.router.Decision;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.Standing;
import org.jspecify.annotations.Nullable;

/** What one exchange notes for its report: facts, counts and moments. Moments are nanotimes; 0 is "not yet". */
final class ExchangeLog {
    private final String requestId;
    private final String dialect;
    private final String method;
    private final String path;
    private final long begun;

    @Nullable
    String model;

    @Nullable
    Decision decision;

    @Nullable
    Standing standing;

    /** The word for why the request was refused. */
    @Nullable
    String refused;

    /** Seconds of endpoints that the request took as far as it is over, or -1 before. */
    double workSeconds = -1;

    boolean stream;
    int status;
    int retries;
    long bytesIn;
    long bytesOut;

    private long requestRead;
    private long queued;
    private long unqueued;
    private long decided;
    private long firstToken;
    private long lastToken;
    private int outputEvents;

    ExchangeLog(ClientRequest request, Worker worker) {
        String id = Headers.requestId(request.head().headers());
        this.requestId = id == null ? worker.newRequestId() : id;
        this.dialect = request.dialect().label();
        this.method = request.head().method().name();
        this.path = request.path();
        this.begun = worker.nanoTime();
    }

    String requestId() {
        return requestId;
    }

    void requestRead(long now) {
        requestRead = now;
    }

    /** Notes the first decision's moment; a retry's decision is not part of what routing costs. */
    void decided(long now) {
        if (decided == 0) {
            decided = now;
        }
    }

    /** Notes that the request waits. */
    void queued(long now) {
        queued = now;
    }

    /** Notes that the request waits no longer, if it did. */
    void unqueued(long now) {
        if (unqueued == 0) {
            unqueued = now;
        }
    }

    /** Notes that output has come; {@code events} is the number of events with output so far. */
    void output(int events, long now) {
        if (firstToken == 0) {
            firstToken = now;
        }
        if (events != outputEvents) {
            outputEvents = events;
            lastToken = now;
        }
    }

    RequestReport report(Outcome outcome, Usage usage, long now) {
        return new RequestReport(
                requestId,
                dialect,
                method,
                path,
                decision == null ? null : decision.pool(),
                model,
                decision,
                outcome,
                status,
                stream,
                retries,
                decisionNanos(),
                between(requestRead, firstToken, -1),
                now - begun,
                interTokenNanos(usage),
                usage,
                bytesIn,
                bytesOut,
                new Admittance(standing, between(queued, unqueued, -1), refused));
    }

    /** A request that streams through is routed before its last byte: its decision has no time of its own. */
    private long decisionNanos() {
        return decided - requestRead < 0 ? -1 : between(requestRead, decided, -1);
    }

    private long interTokenNanos(Usage usage) {
        int tokens = usage.outputTokens() > 0 ? usage.outputTokens() : outputEvents;
        return stream && tokens > 1 && lastToken != 0 ? (lastToken - firstToken) / (tokens - 1) : -1;
    }

    private static long between(long from, long to, long otherwise) {
        return from == 0 || to == 0 ? otherwise : Math.max(0, to - from);
    }
}
