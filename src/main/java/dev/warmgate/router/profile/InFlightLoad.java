package dev.warmgate.router.profile;

/**
 * What a request in flight counts for, in tokens: {@code inflight-load-producer}.
 *
 * @param addEstimatedOutputTokens whether the answer counts too, and all of it until the end; else the uncached part of the
 *     prompt until the first token
 * @param outputRatio expected length of an answer, as a multiple of its prompt; at least 0
 * @param maxEstimatedOutputTokens the longest that is expected; {@link #UNLIMITED} for any length
 */
public record InFlightLoad(boolean addEstimatedOutputTokens, double outputRatio, long maxEstimatedOutputTokens) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    public static final InFlightLoad DEFAULT = new InFlightLoad(false, 1.5, UNLIMITED);

    public InFlightLoad {
        Require.that(outputRatio >= 0 && Double.isFinite(outputRatio), "outputRatio", outputRatio, "at least 0");
        Require.that(maxEstimatedOutputTokens >= 0, "maxEstimatedOutputTokens", maxEstimatedOutputTokens, "at least 0");
    }
}
