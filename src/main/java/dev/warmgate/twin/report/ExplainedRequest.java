package dev.warmgate.twin.report;

import dev.warmgate.router.Decision;
import dev.warmgate.router.Explanation;
import dev.warmgate.twin.workload.RequestOutcome;

/**
 * How one request was decided, and what came of it.
 *
 * @param index its place in the plan, from 0
 * @param decision with its explanation
 * @param outcome what its client saw
 */
public record ExplainedRequest(int index, Decision decision, RequestOutcome outcome) {
    public ExplainedRequest {
        if (decision.explanation() == null) {
            throw new IllegalArgumentException("decision: " + decision + " (expected: one with an explanation)");
        }
    }

    Explanation explanation() {
        var explanation = decision.explanation();
        if (explanation == null) {
            throw new AssertionError("checked by the constructor");
        }
        return explanation;
    }
}
