package dev.warmgate.twin.experiment;

import dev.warmgate.twin.report.Sweep;
import java.util.ArrayList;
import java.util.function.DoubleFunction;

/**
 * Looks for the largest load that a policy bears: up a ladder of loads until the policy is clearly overloaded, down from
 * its first rung if not even that is borne, then between the last rung that was borne and the first that was not.
 *
 * <p>Rungs differ by equal factors, so a short dip between two of them can stay unseen; a failing rung below a good one
 * cannot.
 */
final class KneeSearch {
    /** The ladder's ends, as factors on the given time scale: a larger scale is a smaller load. */
    static final double SLOWEST = 3.0;

    static final double FASTEST = 0.2;

    /** How far down the search goes if not even the ladder's first rung is borne. */
    static final double SLOWEST_OF_ALL = 20;

    /** The largest factor that plans are made for. */
    private static final double LARGEST_SCALE = 100;

    /** Factor between two rungs. */
    static final double STEP = 1.08;

    /** How close the knee is found: the next load that is known to be too much is at most this factor larger. */
    static final double CLOSE = 1.02;

    /** Below this share within target a policy is overloaded beyond doubt; after two such rungs there is no more to see. */
    private static final double HOPELESS = 0.5;

    private static final int HOPELESS_RUNGS = 2;

    private KneeSearch() {}

    /**
     * Returns the loads that were tried.
     *
     * @param timeScale the scale around which to look
     * @param measure runs the policy at a time scale
     */
    static Sweep.PolicySweep search(String policy, double timeScale, DoubleFunction<Sweep.Point> measure) {
        var points = new ArrayList<Sweep.Point>();
        double borne = 0;
        double failed = 0;
        int hopeless = 0;
        double first = Math.min(timeScale * SLOWEST, LARGEST_SCALE);
        for (double scale = first;
                scale > timeScale * FASTEST / Math.sqrt(STEP) && hopeless < HOPELESS_RUNGS;
                scale /= STEP) {
            var point = measure.apply(scale);
            points.add(point);
            if (failed == 0) {
                if (point.borne()) {
                    borne = scale;
                } else {
                    failed = scale;
                }
            }
            if (point.figures().sloAttainment() < HOPELESS) {
                hopeless++;
            }
        }
        double slowest = Math.min(timeScale * SLOWEST_OF_ALL, LARGEST_SCALE);
        for (double scale = first * STEP; borne == 0 && scale <= slowest; scale *= STEP) {
            var point = measure.apply(scale);
            points.add(point);
            if (point.borne()) {
                borne = scale;
            } else {
                failed = scale;
            }
        }
        while (borne > 0 && failed > 0 && borne / failed > CLOSE) {
            double middle = Math.sqrt(borne * failed);
            var point = measure.apply(middle);
            points.add(point);
            if (point.borne()) {
                borne = middle;
            } else {
                failed = middle;
            }
        }
        return new Sweep.PolicySweep(policy, points);
    }
}
