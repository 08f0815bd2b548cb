package dev.warmgate.router.profile;

import java.time.Duration;

/**
 * As a filter, those whose engine said lately that it is not full; all, if nobody did: {@code utilization-detector}.
 *
 * @param queueDepthThreshold requests waiting in an engine that is full; above 0
 * @param kvCacheUtilThreshold KV cache in use of an engine that is full; 0..1
 * @param metricsStalenessThreshold what is older is not believed
 * @param headroom how far beyond, as a share, is still let through; at least 0
 */
public record UtilizationDetector(
        int queueDepthThreshold, double kvCacheUtilThreshold, Duration metricsStalenessThreshold, double headroom)
        implements Filter {
    public static final UtilizationDetector DEFAULT = new UtilizationDetector(5, 0.8, Duration.ofMillis(200), 0);

    public UtilizationDetector {
        Require.that(queueDepthThreshold > 0, "queueDepthThreshold", queueDepthThreshold, "above 0");
        Require.that(
                kvCacheUtilThreshold > 0 && kvCacheUtilThreshold <= 1,
                "kvCacheUtilThreshold",
                kvCacheUtilThreshold,
                "above 0, at most 1");
        Require.that(
                metricsStalenessThreshold.isPositive(),
                "metricsStalenessThreshold",
                metricsStalenessThreshold,
                "above 0");
        Require.that(headroom >= 0 && Double.isFinite(headroom), "headroom", headroom, "at least 0");
    }
}
