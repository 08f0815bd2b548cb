package dev.warmgate.router.quota;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Everything that is configured about quotas.
 *
 * @param limits the limits of each scope, at most {@link #MAX_SCOPES}. A tenant that is named here, were it with
 *     {@link QuotaLimits#NONE}, is known
 * @param defaultTenant the tenant that all unknown ones are counted as together; without limits of its own they are
 *     limited by model only
 * @param prices needed for limits of money
 * @param expectedOutputTokens output reserved for a request that sets no maximum and for which nothing better is known;
 *     1 to {@link #MOST_OUTPUT_TOKENS}
 * @param wholeAnswerTokens the longest answer of a stream that is reserved in whole when its maximum is known; of longer
 *     ones this much is reserved, and the rest as it comes. 1 to {@link #MOST_OUTPUT_TOKENS}
 */
public record QuotaSpec(
        Map<QuotaScope, QuotaLimits> limits,
        String defaultTenant,
        PriceList prices,
        int expectedOutputTokens,
        int wholeAnswerTokens) {
    /** A common answer is no longer; what is not needed is given back. */
    public static final int DEFAULT_EXPECTED_OUTPUT_TOKENS = 256;

    /** What many clients send as a maximum that they mean; agents send 32,000 and use 250. */
    public static final int DEFAULT_WHOLE_ANSWER_TOKENS = 4_096;

    /** The largest number of output tokens that can be set. */
    public static final int MOST_OUTPUT_TOKENS = 10_000_000;

    /** Scopes that can have limits: some hundred bytes each. */
    public static final int MAX_SCOPES = 100_000;

    /** The name of the default tenant where none is set. */
    public static final String DEFAULT_TENANT = "default";

    /** Nothing is limited. */
    public static final QuotaSpec NONE = of(Map.of());

    public QuotaSpec {
        limits = Map.copyOf(limits);
        if (requireNonNull(defaultTenant, "defaultTenant").isBlank()) {
            throw new IllegalArgumentException("defaultTenant: \"" + defaultTenant + "\" (expected: a name)");
        }
        requireNonNull(prices, "prices");
        requireTokens("expectedOutputTokens", expectedOutputTokens);
        requireTokens("wholeAnswerTokens", wholeAnswerTokens);
        if (limits.size() > MAX_SCOPES) {
            throw new IllegalArgumentException("limits: " + limits.size() + " (expected: at most " + MAX_SCOPES + ")");
        }
        for (var entry : limits.entrySet()) {
            if (entry.getValue().byKind().containsKey(QuotaKind.MONEY_PER_DAY)) {
                requirePrice(entry.getKey(), prices);
            }
        }
    }

    /** Returns limits without prices, the rest by default. */
    public static QuotaSpec of(Map<QuotaScope, QuotaLimits> limits) {
        return of(limits, PriceList.NONE);
    }

    /** Returns limits with prices, the rest by default. */
    public static QuotaSpec of(Map<QuotaScope, QuotaLimits> limits, PriceList prices) {
        return new QuotaSpec(
                limits, DEFAULT_TENANT, prices, DEFAULT_EXPECTED_OUTPUT_TOKENS, DEFAULT_WHOLE_ANSWER_TOKENS);
    }

    /** Returns every single limit, in no particular order. */
    List<QuotaLimit> all() {
        var all = new ArrayList<QuotaLimit>();
        limits.forEach((scope, of) -> addTo(all, scope, of));
        return all;
    }

    /** Returns the limits of one scope. */
    List<QuotaLimit> of(QuotaScope scope) {
        var of = new ArrayList<QuotaLimit>();
        addTo(of, scope, limits.getOrDefault(scope, QuotaLimits.NONE));
        return of;
    }

    private static void addTo(List<QuotaLimit> list, QuotaScope scope, QuotaLimits limits) {
        limits.byKind().forEach((kind, limit) -> list.add(new QuotaLimit(scope, kind, limit)));
    }

    /** A model without a price would be free for whoever is limited by money, which nobody means. */
    private static void requirePrice(QuotaScope scope, PriceList prices) {
        boolean priced = switch (scope) {
            case QuotaScope.OfTenant _ -> prices.otherModels() != null;
            case QuotaScope.OfModel of -> prices.of(of.model()) != null;
            case QuotaScope.OfTenantAndModel of -> prices.of(of.model()) != null;
        };
        if (!priced) {
            throw new IllegalArgumentException("prices: none for "
                    + (scope instanceof QuotaScope.OfTenant ? "other models" : "this model")
                    + " (expected: one, because moneyPerDay limits " + scope.words() + ")");
        }
    }

    private static void requireTokens(String name, int tokens) {
        if (tokens < 1 || tokens > MOST_OUTPUT_TOKENS) {
            throw new IllegalArgumentException(name + ": " + tokens + " (expected: 1 to " + MOST_OUTPUT_TOKENS + ")");
        }
    }
}
