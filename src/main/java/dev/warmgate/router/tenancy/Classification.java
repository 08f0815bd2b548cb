package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.admission.Standing;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/** What became of the question who a request belongs to. */
public sealed interface Classification {
    /** The request may go on, to be admitted by its standing. */
    record Known(Standing standing, Tenant tenant) implements Classification {
        public Known {
            requireNonNull(standing, "standing");
            requireNonNull(tenant, "tenant");
        }
    }

    /**
     * The request must not go on.
     *
     * @param message for the caller: what is wrong and what is expected; no key, no control characters
     */
    record Refused(Reason reason, String message) implements Classification {
        public Refused {
            requireNonNull(reason, "reason");
            requireNonNull(message, "message");
        }
    }

    /**
     * It cannot be said yet, for keys of a token's issuer are on their way.
     *
     * @param when complete in seconds, on any thread; then ask again
     * @param otherwise the answer for a request that does not wait for it
     */
    record Later(CompletionStage<Void> when, Refused otherwise) implements Classification {
        public Later {
            requireNonNull(when, "when");
            requireNonNull(otherwise, "otherwise");
        }
    }

    /** Why a request is refused. */
    enum Reason {
        /** It has no API key and needs one; 401. */
        MISSING_KEY,
        /** Its API key is nobody's; 401. */
        UNKNOWN_KEY,
        /** Its token is not to be believed, or not any more; 401. */
        INVALID_TOKEN,
        /** Its token cannot be checked now; 503. */
        TOKEN_UNCHECKED,
        /** Its token names a tenant that there is not; 403. */
        UNKNOWN_TENANT,
        /** Its tenant may not use this model; 403. */
        MODEL_NOT_ALLOWED,
        /** It names an objective that there is not; 400. */
        UNKNOWN_OBJECTIVE,
        /** It asks for more than its tenant's grant; 400. */
        PRIORITY_NOT_GRANTED,
        /** A header's value is not what the header is for; 400. */
        BAD_HEADER;

        /** Returns the word for headers, metrics and logs. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
