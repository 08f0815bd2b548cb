package dev.warmgate.router.quota;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a request, or more of an answer, was refused.
 *
 * @param limit the limit that has not enough left
 * @param asked how much was asked of it
 * @param left how much it had left, at least 0
 * @param retryAfter when that much will be free if nobody else asks, above 0; null if it never will be, because more was
 *     asked than the limit allows at all. For limits per minute and day this supposes that what is reserved will be used
 */
public record QuotaRefusal(
        QuotaLimit limit,
        double asked,
        double left,
        @Nullable Duration retryAfter) {
    /** Returns one sentence for the client: which limit, of whom, how much was asked and left, and what to do. */
    public String message() {
        var facts = new StringBuilder("Limit of ")
                .append(limit.words())
                .append(" reached: limit ")
                .append(QuotaKind.plain(limit.limit()))
                .append(", left ")
                .append(QuotaKind.plain(left))
                .append(", asked ")
                .append(QuotaKind.plain(asked));
        if (retryAfter == null) {
            return facts.append("; send a shorter prompt or a lower maximum of output tokens, waiting does not help.")
                    .toString();
        }
        double seconds = Math.ceil(retryAfter.toMillis() / 100.0) / 10;
        return facts.append("; try again in ")
                .append(QuotaKind.plain(Math.max(0.1, seconds)))
                .append(" s.")
                .toString();
    }

    /** Returns whether this refusal holds longer than another: a try after the shorter wait would be in vain. */
    boolean outlasts(@Nullable QuotaRefusal other) {
        if (other == null || retryAfter == null) {
            return true;
        }
        return other.retryAfter != null && retryAfter.compareTo(other.retryAfter) > 0;
    }
}
