package dev.warmgate.router;

/**
 * The endpoint with the fewest requests, in flight or waiting for it; ties at random. Not among the other policies, because pools fall back
 * to it for requests whose prompt is not known.
 */
public final class LeastRequests implements RoutingPolicy {
    @Override
    public String name() {
        return "least-requests";
    }

    @Override
    public int choose(Candidates candidates) {
        int best = 0;
        int ties = 1;
        for (int i = 1; i < candidates.size(); i++) {
            int difference = candidates.endpoint(i).requests()
                    - candidates.endpoint(best).requests();
            if (difference < 0) {
                best = i;
                ties = 1;
            } else if (difference == 0 && candidates.random().nextInt(++ties) == 0) {
                best = i;
            }
        }
        return best;
    }
}
