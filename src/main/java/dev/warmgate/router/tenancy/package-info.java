/**
 * Who a request belongs to and how important it is, from configuration and request.
 *
 * <p>Start at {@link dev.warmgate.router.tenancy.Tenancy}: a door hands in the
 * {@link dev.warmgate.router.tenancy.RequestFacts} and gets the request's
 * {@link dev.warmgate.router.admission.Standing}, or the reason to refuse it. Every door uses this same code, so none of
 * it knows a wire format. Callers are told apart by API key, or by a signed token whose checking is somebody else's: a
 * {@link dev.warmgate.router.tenancy.TokenVerifier} says what it claims, {@code Callers} what that is worth here.
 *
 * <p>Threading: everything here is immutable; any thread. A new configuration is a new {@code Tenancy}.
 *
 * <p>Invariants: no caller gets a priority above its tenant's grant; nothing is kept between requests, so invented keys,
 * objectives and fairness ids grow nothing here; API keys are held as digests only and appear in no message and in no
 * {@code toString}.
 */
@NullMarked
package dev.warmgate.router.tenancy;

import org.jspecify.annotations.NullMarked;
