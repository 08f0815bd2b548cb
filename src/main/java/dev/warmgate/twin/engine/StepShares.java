package dev.warmgate.twin.engine;

import java.util.List;

/** Shares the time of a step out to the requests in it. */
final class StepShares {
    private StepShares() {}

    /**
     * Books a step: to each request what only its attention took, and of the rest its share of the tokens.
     *
     * @param tokens all that the step computes
     */
    static void book(long stepNanos, int tokens, List<EngineRequest> running, HardwareProfile profile) {
        double rest = stepNanos * 1e-9;
        for (int i = 0; i < running.size(); i++) {
            var request = running.get(i);
            double own = request.decoding()
                    ? profile.ownSeconds(0, request.knownTokens())
                    : profile.ownSeconds(request.scheduledPairs(), 0);
            request.workSeconds += own;
            rest -= own;
        }
        for (int i = 0; i < running.size(); i++) {
            var request = running.get(i);
            request.workSeconds += rest * request.scheduled / tokens;
        }
    }
}
