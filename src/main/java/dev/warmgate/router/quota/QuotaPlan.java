package dev.warmgate.router.quota;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which limits a request falls under, by one configuration. Any thread.
 *
 * <p>The accounts of a tenant with a model are looked up once and remembered. Only names that the configuration has are
 * remembered, so invented ones take no memory.
 */
final class QuotaPlan {
    private final QuotaStore store;
    private final QuotaSpec spec;
    private final Map<String, Map<String, Optional<QuotaAccounts>>> byTenant = new HashMap<>();
    private final Set<String> models = new HashSet<>();
    private final boolean countsGpuTime;

    /** What models are remembered as that no limit names. */
    private static final String OTHER_MODEL = "";

    QuotaPlan(QuotaStore store, QuotaSpec spec) {
        this.store = store;
        this.spec = spec;
        countsGpuTime = spec.all().stream().anyMatch(limit -> switch (limit.kind()) {
            case GPU_SECONDS_PER_MINUTE, GPU_SECONDS_PER_DAY -> true;
            case TOKENS_PER_MINUTE, TOKENS_PER_DAY, REQUESTS_PER_MINUTE, CONCURRENT_REQUESTS, MONEY_PER_DAY -> false;
        });
        byTenant.put(spec.defaultTenant(), new ConcurrentHashMap<>());
        for (var scope : spec.limits().keySet()) {
            switch (scope) {
                case QuotaScope.OfTenant(var tenant) -> byTenant.putIfAbsent(tenant, new ConcurrentHashMap<>());
                case QuotaScope.OfModel(var model) -> models.add(model);
                case QuotaScope.OfTenantAndModel(var tenant, var model) -> {
                    byTenant.putIfAbsent(tenant, new ConcurrentHashMap<>());
                    models.add(model);
                }
            }
        }
    }

    boolean countsGpuTime() {
        return countsGpuTime;
    }

    QuotaSpec spec() {
        return spec;
    }

    /** Returns the accounts of a request, or null if it has no limits. */
    @Nullable
    QuotaAccounts accounts(String tenant, String model) {
        var own = byTenant.get(tenant);
        String payer = own != null ? tenant : spec.defaultTenant();
        var byModel = own != null ? own : byTenant.getOrDefault(payer, Map.of());
        String named = models.contains(model) ? model : OTHER_MODEL;
        var known = byModel.get(named);
        if (known == null) {
            known = byModel.computeIfAbsent(named, of -> find(payer, of));
        }
        return known.orElse(null);
    }

    /** Returns what a model costs. A model without a price has no limit of money. */
    TokenPrice price(String model) {
        var price = spec.prices().of(model);
        return price != null ? price : TokenPrice.FREE;
    }

    private Optional<QuotaAccounts> find(String tenant, String model) {
        List<QuotaLimit> limits = new ArrayList<>(spec.of(new QuotaScope.OfTenant(tenant)));
        if (!model.equals(OTHER_MODEL)) {
            limits.addAll(spec.of(new QuotaScope.OfModel(model)));
            limits.addAll(spec.of(new QuotaScope.OfTenantAndModel(tenant, model)));
        }
        return limits.isEmpty() ? Optional.empty() : Optional.of(store.accounts(limits));
    }
}
