package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/** The candidate of least cost; of equal ones any, with equal chances. */
final class Least {
    static final int NONE = -1;

    private Least() {}

    /** Returns the candidate of least cost. */
    static int of(Candidates candidates, IntToDoubleFunction cost) {
        return among(candidates, _ -> true, cost);
    }

    /** Returns the candidate of least cost among those {@code eligible}, or {@link #NONE} if there are none. */
    static int among(Candidates candidates, IntPredicate eligible, IntToDoubleFunction cost) {
        int best = NONE;
        double least = Double.POSITIVE_INFINITY;
        int ties = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (!eligible.test(i)) {
                continue;
            }
            double price = cost.applyAsDouble(i);
            if (best == NONE || price < least) {
                best = i;
                least = price;
                ties = 1;
            } else if (price == least && candidates.random().nextInt(++ties) == 0) {
                best = i;
            }
        }
        return best;
    }

    /** Returns the candidate with the fewest requests in flight. */
    static int busy(Candidates candidates) {
        return of(candidates, i -> candidates.endpoint(i).inFlight());
    }

    /** Returns the most requests in flight at one candidate. */
    static int mostInFlight(Candidates candidates) {
        int most = 0;
        for (int i = 0; i < candidates.size(); i++) {
            most = Math.max(most, candidates.endpoint(i).inFlight());
        }
        return most;
    }

    /** Returns the fewest requests in flight at one candidate. */
    static int fewestInFlight(Candidates candidates) {
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            fewest = Math.min(fewest, candidates.endpoint(i).inFlight());
        }
        return fewest;
    }
}
