package dev.warmgate.router.quota;

import static java.util.Objects.requireNonNull;

/**
 * One limit.
 *
 * @param scope whose use it counts
 * @param kind what it counts
 * @param limit how much is allowed, in the words of the kind: tokens, requests, GPU-seconds, money
 */
public record QuotaLimit(QuotaScope scope, QuotaKind kind, double limit) {
    public QuotaLimit {
        requireNonNull(scope, "scope");
        kind.require(limit);
    }

    /** Returns which limit it is, for example {@code tokens per minute of tenant acme}. */
    public String words() {
        return kind.words() + " of " + scope.words();
    }
}
