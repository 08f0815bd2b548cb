package dev.warmgate.router.tenancy;

import dev.warmgate.router.tenancy.Classification.Later;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;

/** Ends a classification early. Has no stack trace: callers can cause it at will, so it has to be cheap. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Classification outcome;

    Refusal(Reason reason, String message) {
        this(new Refused(reason, message));
    }

    Refusal(Refused refused) {
        super(refused.message(), null, false, false);
        outcome = refused;
    }

    Refusal(Later later) {
        super(later.otherwise().message(), null, false, false);
        outcome = later;
    }

    Classification outcome() {
        return outcome;
    }
}
