package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

/**
 * As a filter, those with less in flight than they may have, perhaps nobody: {@code concurrency-detector}.
 *
 * @param maxConcurrency requests in flight; above 0
 * @param headroom how far beyond, as a share; at least 0
 * @param concurrencyMode what is counted
 * @param maxTokenConcurrency uncached prompt tokens in flight; above 0
 */
public record ConcurrencyDetector(int maxConcurrency, double headroom, Mode concurrencyMode, long maxTokenConcurrency)
        implements Filter {
    public static final ConcurrencyDetector DEFAULT = new ConcurrencyDetector(100, 0, Mode.REQUESTS, 1_000_000);

    /** What is counted. */
    public enum Mode {
        REQUESTS,
        TOKENS,
        /** Both. */
        HYBRID
    }

    public ConcurrencyDetector {
        Require.that(maxConcurrency > 0, "maxConcurrency", maxConcurrency, "above 0");
        Require.that(headroom >= 0 && Double.isFinite(headroom), "headroom", headroom, "at least 0");
        requireNonNull(concurrencyMode, "concurrencyMode");
        Require.that(maxTokenConcurrency > 0, "maxTokenConcurrency", maxTokenConcurrency, "above 0");
    }
}
