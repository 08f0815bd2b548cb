package dev.warmgate.router.quota;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The limits of one scope; a kind that is not in it is unlimited.
 *
 * @param byKind the limits, each in the range that {@link QuotaKind#require} allows: nobody is shut out by a limit of
 *     zero, which would answer "come back later" for ever
 */
public record QuotaLimits(Map<QuotaKind, Double> byKind) {
    /** No limit at all. A tenant with these is known, and so not counted with the unknown ones. */
    public static final QuotaLimits NONE = new QuotaLimits(Map.of());

    public QuotaLimits {
        var copy = new EnumMap<QuotaKind, Double>(QuotaKind.class);
        byKind.forEach((kind, limit) -> copy.put(kind, kind.require(limit)));
        byKind = Collections.unmodifiableMap(copy);
    }

    /** Returns these limits with one more, or with another value for one. */
    public QuotaLimits with(QuotaKind kind, double limit) {
        var more = new EnumMap<QuotaKind, Double>(QuotaKind.class);
        more.putAll(byKind);
        more.put(kind, limit);
        return new QuotaLimits(more);
    }
}
