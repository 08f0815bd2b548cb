package dev.warmgate.router;

/** Why admission, or the policy, refuses a request. */
public enum RefusalReason {
    /** As many requests, or bytes, wait as may, and the caller's flow has no more of them than others. */
    QUEUE_FULL("queue-full", false),
    /** As many requests of the caller's flow wait as may, or it has most of those that wait and no more may. */
    FLOW_FULL("flow-full", true),
    /** A request of higher priority needed the place in the queue. */
    SHED("shed", false),
    /** No room turned up within the time that a request may wait. */
    EXPIRED("expired", false),
    /** The answer would come after the request's deadline. */
    DEADLINE("deadline", false),
    /** The policy's filters left no endpoint. */
    FILTERED("filtered", false);

    private final String label;
    private final boolean callersExcess;

    RefusalReason(String label, boolean callersExcess) {
        this.label = label;
        this.callersExcess = callersExcess;
    }

    /** Returns the word for headers, metrics and logs. */
    public String label() {
        return label;
    }

    /** Returns whether the caller asks for more than its share, and not the fleet for less work. */
    public boolean callersExcess() {
        return callersExcess;
    }
}
