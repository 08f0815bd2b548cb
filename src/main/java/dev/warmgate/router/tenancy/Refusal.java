package dev.warmgate.router.tenancy;

import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;

/** Ends a classification early. Has no stack trace: callers can cause it at will, so it has to be cheap. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Refused refused;

    Refusal(Reason reason, String message) {
        super(message, null, false, false);
        refused = new Refused(reason, message);
    }

    Refused refused() {
        return refused;
    }
}
