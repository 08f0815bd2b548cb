package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * Everything there is to say about one finished request; no prompt text.
 *
 * @param requestId the request's id, the client's own or ours
 * @param dialect the client format, for example {@code openai-chat}, or {@code other}
 * @param method the HTTP method, or the RPC's name
 * @param path the path without its query
 * @param pool the pool's name, or null if none was chosen
 * @param model the model asked for, or null if it is not known
 * @param decision the last decision, or null if the request was never routed
 * @param outcome how it ended
 * @param status the HTTP status sent to the client, or 0 if none was sent
 * @param stream whether the client asked for a stream
 * @param retries attempts after the first
 * @param decisionNanos time from the whole body read to the endpoint chosen: scan, hash, lookup, cost, reserve;
 *     -1 if it was chosen before, without reading the body
 * @param ttftNanos from the request's last byte in to the first response token out, or -1
 * @param durationNanos from the request's first byte in to the last byte out
 * @param itlNanos mean time between output tokens, or -1
 * @param usage what the engine counted, or an estimate where it did not
 * @param bytesIn request body bytes
 * @param bytesOut response body bytes
 * @param admittance whose it was and how it came in
 * @param readNanos from the request's first byte in to its last byte in, or -1 if that did not come
 * @param trace its place in a distributed trace, or null if requests are not traced
 * @param client the client's address without port, or null if the door does not know it
 * @param exposure why its client heard of an endpoint's failure, or null if it did not
 */
public record RequestReport(
        String requestId,
        String dialect,
        String method,
        String path,
        @Nullable String pool,
        @Nullable String model,
        @Nullable Decision decision,
        Outcome outcome,
        int status,
        boolean stream,
        int retries,
        long decisionNanos,
        long ttftNanos,
        long durationNanos,
        long itlNanos,
        Usage usage,
        long bytesIn,
        long bytesOut,
        Admittance admittance,
        long readNanos,
        @Nullable Trace trace,
        @Nullable String client,
        @Nullable Exposure exposure) {
    /** How a request ended. */
    public enum Outcome {
        /** Answered below 400 and complete. */
        OK,
        /** Refused by us or by the engine because of what the client sent: a 4xx. */
        CLIENT_ERROR,
        /** Refused or ended by us, because of a quota, of its own deadline, or because there was no room for it. */
        REFUSED,
        /** The client left before the answer was complete. */
        CLIENT_GONE,
        /** No endpoint could take it. */
        NO_ENDPOINT,
        /** The endpoint answered 5xx, or died or stalled before or inside its answer. */
        ENDPOINT_ERROR,
        /** Our own fault. */
        GATEWAY_ERROR
    }

    /** Creates a report of a request that is not traced. */
    public RequestReport(
            String requestId,
            String dialect,
            String method,
            String path,
            @Nullable String pool,
            @Nullable String model,
            @Nullable Decision decision,
            Outcome outcome,
            int status,
            boolean stream,
            int retries,
            long decisionNanos,
            long ttftNanos,
            long durationNanos,
            long itlNanos,
            Usage usage,
            long bytesIn,
            long bytesOut,
            Admittance admittance) {
        this(
                requestId,
                dialect,
                method,
                path,
                pool,
                model,
                decision,
                outcome,
                status,
                stream,
                retries,
                decisionNanos,
                ttftNanos,
                durationNanos,
                itlNanos,
                usage,
                bytesIn,
                bytesOut,
                admittance,
                -1,
                null,
                null,
                null);
    }
}
