package dev.warmgate.door;

import dev.warmgate.router.Admittance;
import dev.warmgate.router.Decision;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Trace;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.Standing;
import org.jspecify.annotations.Nullable;

/**
 * What a door notes about one request for its report: facts, counts and moments. Moments are nanotimes of the door's
 * clock; 0 is "not yet". Confined to whoever owns the request.
 */
public final class RequestLog {
    private final String requestId;
    private final String dialect;
    private final String method;
    private final String path;
    private final long begun;

    public @Nullable String model;

    /** Its place in a distributed trace; null if requests are not traced. */
    public @Nullable Trace trace;

    /** The client's address without port; null if it is not known. */
    public @Nullable String client;

    public @Nullable Decision decision;

    public @Nullable Standing standing;

    /** The word for why the request was refused. */
    public @Nullable String refused;

    /** Why the client hears of an endpoint's failure. */
    public @Nullable Exposure exposure;

    /** Seconds of endpoints that the request took as far as it is over, or -1 before. */
    public double workSeconds = -1;

    public boolean stream;
    public int status;
    public int retries;
    public long bytesIn;
    public long bytesOut;

    private long requestRead;
    private long queued;
    private long unqueued;
    private long decided;
    private long firstToken;
    private long lastToken;
    private int outputEvents;

    /**
     * Begins with what the request's header says.
     *
     * @param requestId the request's id, the client's own or ours
     * @param dialect the name of the client's format
     * @param method the HTTP method
     * @param path the path without its query
     * @param begun when its first byte came
     */
    public RequestLog(String requestId, String dialect, String method, String path, long begun) {
        this.requestId = requestId;
        this.dialect = dialect;
        this.method = method;
        this.path = path;
        this.begun = begun;
    }

    /** Returns the request's id. */
    public String requestId() {
        return requestId;
    }

    /** Notes that the request's last byte has come. */
    public void requestRead(long now) {
        requestRead = now;
    }

    /** Notes the first decision's moment; a retry's decision is not part of what routing costs. */
    public void decided(long now) {
        if (decided == 0) {
            decided = now;
        }
    }

    /** Notes that the request waits. */
    public void queued(long now) {
        queued = now;
    }

    /** Notes that the request waits no longer, if it did. */
    public void unqueued(long now) {
        if (unqueued == 0) {
            unqueued = now;
        }
    }

    /** Notes that output has come; {@code events} is the number of events with output so far. */
    public void output(int events, long now) {
        if (firstToken == 0) {
            firstToken = now;
        }
        if (events != outputEvents) {
            outputEvents = events;
            lastToken = now;
        }
    }

    /** Returns what there is to say about the request, which ends now. */
    public RequestReport report(Outcome outcome, Usage usage, long now) {
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
                new Admittance(standing, between(queued, unqueued, -1), refused),
                between(begun, requestRead, -1),
                trace,
                client,
                exposure);
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
