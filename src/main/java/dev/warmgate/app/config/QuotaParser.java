package dev.warmgate.app.config;

import dev.warmgate.router.quota.PriceList;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.TokenPrice;
import dev.warmgate.router.tenancy.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads limits and prices: of tenants first, then the section {@code quotas}. Used once; confined to one thread. */
final class QuotaParser {
    private static final String OTHER_MODELS = "*";

    /** A limit of money, whose prices are looked for when all are read. */
    private record MoneyLimit(Origin origin, String path, double limit, String model) {}

    private final Problems problems;
    private final Map<QuotaScope, QuotaLimits> limits = new LinkedHashMap<>();
    private final Map<QuotaScope, String> paths = new HashMap<>();
    private final List<MoneyLimit> moneyLimits = new ArrayList<>();

    QuotaParser(Problems problems) {
        this.problems = problems;
    }

    /** Reads the limits of a tenant, whose name may be missing, which is reported already. */
    void tenant(Section tenant, @Nullable String name) {
        var own = limits(tenant.section("limits"), QuotaKeys.TENANT, OTHER_MODELS);
        if (name != null) {
            // Without limits as well: who is named has nothing to do with the limits of the unnamed.
            limits.putIfAbsent(new QuotaScope.OfTenant(name), own);
        }
        for (var section : tenant.sections("modelLimits", "limits")) {
            String model = section.require(QuotaKeys.TENANT_MODEL);
            var of = limits(section, QuotaKeys.TENANT_WITH_MODEL, model);
            if (name != null && model != null) {
                add(new QuotaScope.OfTenantAndModel(name, model), of, section, QuotaKeys.TENANT_MODEL);
            }
        }
    }

    /** Reads the rest and returns everything; meaningless if there are problems afterwards. */
    QuotaSpec parse(Section quotas) {
        for (var section : quotas.sections("models", "limits")) {
            String model = section.require(QuotaKeys.MODEL);
            var of = limits(section, QuotaKeys.OF_MODEL, model);
            if (model != null) {
                add(new QuotaScope.OfModel(model), of, section, QuotaKeys.MODEL);
            }
        }
        var prices = prices(quotas);
        for (var money : moneyLimits) {
            if (prices.of(money.model()) == null) {
                problems.add(
                        money.origin(),
                        money.path(),
                        ValueTypes.writeNumber(money.limit()) + " (expected: a price of "
                                + (money.model().equals(OTHER_MODELS)
                                        ? "all models, model \"*\" in quotas.prices"
                                        : "model " + Section.quote(money.model()) + " in quotas.prices")
                                + ")");
            }
        }
        int expected = Math.toIntExact(quotas.get(QuotaKeys.EXPECTED_OUTPUT));
        int whole = Math.toIntExact(quotas.get(QuotaKeys.WHOLE_ANSWER));
        boolean limited = limits.values().stream().anyMatch(of -> !of.byKind().isEmpty());
        return problems.any() || !limited
                ? QuotaSpec.NONE
                : new QuotaSpec(limits, Tenant.DEFAULT_NAME, prices, expected, whole);
    }

    private void add(QuotaScope scope, QuotaLimits of, Section section, Setting<String> model) {
        String first = paths.putIfAbsent(scope, section.path());
        if (first != null) {
            problems.add(
                    section.origin(model), section.path(model), "is also " + first + " (expected: each model once)");
        }
        if (of.byKind().isEmpty()) {
            problems.add(section.origin(), section.path(), "no limit (expected: at least one beside the model)");
        }
        limits.put(scope, of);
    }

    private QuotaLimits limits(Section section, Map<QuotaKind, Setting<Double>> settings, @Nullable String model) {
        var limits = QuotaLimits.NONE;
        for (var entry : settings.entrySet()) {
            Double limit = section.find(entry.getValue());
            if (limit != null) {
                limits = limits.with(entry.getKey(), limit);
                if (entry.getKey() == QuotaKind.MONEY_PER_DAY && model != null) {
                    moneyLimits.add(new MoneyLimit(
                            section.origin(entry.getValue()), section.path(entry.getValue()), limit, model));
                }
            }
        }
        return limits;
    }

    private PriceList prices(Section quotas) {
        var byModel = new HashMap<String, TokenPrice>();
        var paths = new HashMap<String, String>();
        for (var section : quotas.sections("prices", "prices")) {
            String model = section.require(QuotaKeys.PRICE_MODEL);
            Double input = section.require(QuotaKeys.PRICE_INPUT);
            Double cached = section.find(QuotaKeys.PRICE_CACHED);
            Double output = section.require(QuotaKeys.PRICE_OUTPUT);
            if (model == null) {
                continue;
            }
            String first = paths.putIfAbsent(model, section.path(QuotaKeys.PRICE_MODEL));
            if (first != null) {
                problems.add(
                        section.origin(QuotaKeys.PRICE_MODEL),
                        section.path(QuotaKeys.PRICE_MODEL),
                        Section.quote(model) + " is also " + first + " (expected: each model once)");
            }
            // One that is wrong is there all the same: its limits are not to be blamed as well.
            byModel.put(
                    model,
                    input != null && output != null
                            ? new TokenPrice(input, cached == null ? input : cached, output)
                            : TokenPrice.FREE);
        }
        var other = byModel.remove(OTHER_MODELS);
        return new PriceList(byModel, other);
    }
}
