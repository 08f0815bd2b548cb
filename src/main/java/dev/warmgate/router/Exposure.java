package dev.warmgate.router;

import java.util.Locale;

/** Why a client heard of the failure of an endpoint, where another endpoint might have answered it. */
public enum Exposure {
    /** The answer had begun. */
    INSIDE_ANSWER,
    /** The endpoint itself answered with an error that is not for others to mend. */
    ENDPOINT_ERROR,
    /** The request had been tried as often as one may be. */
    RETRIES_USED,
    /** As many other requests were on a further attempt as may be at a time. */
    RETRY_SHARE,
    /** The endpoint may have acted on it, and it is not known to be harmless twice. */
    NOT_REPEATABLE,
    /** No other endpoint could take it. */
    NO_ENDPOINT,
    /** Endpoints died under it and under others, and for a while there was none where it would have been alone. */
    NOT_ALONE;

    /** Returns the name in logs and metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
