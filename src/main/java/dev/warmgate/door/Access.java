package dev.warmgate.door;

import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import java.time.InstantSource;

/**
 * Who may come in, and how much each may use. Any thread.
 *
 * @param tenancy whose a request is; if its tenants have API keys, these do not reach engines
 * @param quotas what each may use
 * @param rewrites which models they get
 */
public record Access(Tenancy tenancy, Quotas quotas, ModelRewrites rewrites) {
    /** Everybody may come in, without limits. */
    public static final Access OPEN = new Access(
            new Tenancy(TenancySettings.DEFAULT),
            new Quotas(new InMemoryQuotaStore(System::nanoTime, InstantSource.system()), QuotaSpec.NONE),
            ModelRewrites.NONE);
}
