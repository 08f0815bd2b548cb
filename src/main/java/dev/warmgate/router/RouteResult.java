package dev.warmgate.router;

import java.time.Duration;
import java.util.List;

/** The answer to {@link Router#route} and {@link Router#admit}. */
public sealed interface RouteResult {
    /**
     * An endpoint was chosen and the load is booked.
     *
     * @param reservation must be settled by whoever ends the request
     */
    record Routed(Reservation reservation) implements RouteResult {}

    /**
     * No pool serves the model.
     *
     * @param model what was asked for
     * @param served what could be asked for, sorted
     */
    record UnknownModel(String model, List<String> served) implements RouteResult {}

    /**
     * No endpoint can take the request now; a later try may succeed.
     *
     * @param reason one sentence for the client
     * @param retryAfter when to try again; between 1 and 60 seconds
     */
    record Unavailable(String reason, Duration retryAfter) implements RouteResult {}

    /**
     * The request waits for room; only {@link Router#admit} says so. The waiter given there is told what becomes of it,
     * unless the ticket is given back before.
     */
    record Queued(Ticket ticket) implements RouteResult {}

    /**
     * Admission refuses the request, at once or after it waited, as only {@link Router#admit} says; or the policy leaves
     * nobody.
     *
     * @param reason why
     * @param message one sentence for the client
     * @param retryAfter when to try again; between 1 and 60 seconds
     */
    record Refused(RefusalReason reason, String message, Duration retryAfter) implements RouteResult {}
}
