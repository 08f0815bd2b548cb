/**
 * What tenants may use, and what they have used: limits by tenant, by model and by both.
 *
 * <p>Start at {@link dev.warmgate.router.quota.Quotas}: a request is reserved by its estimate on every limit that it
 * falls under, all of them or none, and gets a {@link dev.warmgate.router.quota.QuotaLease}. The lease grows while an
 * answer streams, and whoever ends the request settles it with the real count or cancels it. The levels are kept in a
 * {@link dev.warmgate.router.quota.QuotaStore}; docs/quotas.md tells what is counted when.
 *
 * <p>No I/O; clocks are injected. Threading: any thread. There is one lock for each scope (a tenant, a model, a tenant
 * with a model), held for some hundred nanoseconds; nothing is shared by all requests.
 *
 * <p>Invariants: everything reserved is settled or refunded, exactly once. Memory depends on the configuration only:
 * tenants and models that it does not name have no accounts of their own.
 */
@NullMarked
package dev.warmgate.router.quota;

import org.jspecify.annotations.NullMarked;
