package dev.warmgate.router;

import org.jspecify.annotations.Nullable;

/**
 * The place of one request in a distributed trace. Ids are lower-case hexadecimal digits.
 *
 * @param traceId the trace's, 32 digits
 * @param spanId the request's own, 16 digits
 * @param parentSpanId that of what sent the request, or null if the trace begins here
 * @param sampled whether what happens to the request is to be recorded
 */
public record Trace(String traceId, String spanId, @Nullable String parentSpanId, boolean sampled) {}
