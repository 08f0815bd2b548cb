package dev.warmgate.twin.experiment;

import dev.warmgate.twin.report.Sweep;
import java.util.ArrayList;
import java.util.function.DoubleFunction;

/**
 * Looks for the largest load that a policy bears: up a ladder of loads until the policy is clearly overloaded, then
 * between the last rung it bore and the first it did not.
 *
 * <p>Rungs go up in equal factors, so a short dip between two rungs can stay unseen; a failing rung below a good one
 * cannot.
 */
final class KneeSearch {
    /** The ladder's ends, as factors on the given time scale: a larger scale is a smaller load. */
    static final double SLOWEST = 3.0;

    static final double FASTEST = 0.2;

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
        for (double scale = timeScale * SLOWEST;
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
