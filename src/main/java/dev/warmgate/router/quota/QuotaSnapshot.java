package dev.warmgate.router.quota;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a client should know of: of those its request falls under, the ones with the least left.
 *
 * @param requests the limit on requests per minute with the fewest left, or null if there is none
 * @param tokens the limit on tokens, per minute or day, with the fewest left, or null if there is none
 */
public record QuotaSnapshot(
        @Nullable QuotaState requests, @Nullable QuotaState tokens) {
    /** Nothing to tell. */
    public static final QuotaSnapshot EMPTY = new QuotaSnapshot(null, null);

    static QuotaSnapshot of(List<QuotaState> states) {
        QuotaState requests = null;
        QuotaState tokens = null;
        for (var state : states) {
            if (state.limit().kind() == QuotaKind.REQUESTS_PER_MINUTE) {
                requests = tighter(state, requests);
            } else if (state.limit().kind().countsTokens()) {
                tokens = tighter(state, tokens);
            }
        }
        return requests == null && tokens == null ? EMPTY : new QuotaSnapshot(requests, tokens);
    }

    private static QuotaState tighter(QuotaState one, @Nullable QuotaState other) {
        if (other == null) {
            return one;
        }
        int byRemaining = Double.compare(one.remaining(), other.remaining());
        return byRemaining < 0 || (byRemaining == 0 && one.reset().compareTo(other.reset()) > 0) ? one : other;
    }
}
