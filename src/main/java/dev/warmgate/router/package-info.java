/**
 * The decision: which endpoint serves a request, and the state this is decided on.
 *
 * <p>Start at {@link dev.warmgate.router.Router}: it finds the pool of a model, {@link dev.warmgate.router.Pool}
 * chooses an endpoint and books a {@link dev.warmgate.router.Reservation} in one critical section, and whoever ends
 * the request settles that reservation. A pool's {@code Desk} prices and books under the pool's lock; its
 * {@code Admission} lets requests wait that find no {@code Room}, or whose sessions would make caches {@code Thrash}, in the
 * order of {@code router.admission}. Whose a request is comes from {@code router.tenancy}, what it may use from
 * {@code router.quota}. Prompt hashing and the fleet's prefix index are in {@code router.prefix}, the
 * policies in {@code router.policy}, chains of plugins in {@code router.profile}. A request may ask for an {@link dev.warmgate.router.Explanation} of its decision.
 *
 * <p>Endpoints and pools come and go while requests do: a pool's {@code Membership} lets them, its {@code Roster} publishes who
 * is there.
 *
 * <p>No I/O, no framework, no clock or randomness of its own: both are injected, so that the same classes serve traffic
 * and run in virtual time.
 *
 * <p>Threading: any thread may call {@link dev.warmgate.router.Router#route}; one lock per pool guards the choice, the
 * prefix index and the in-flight counters, and is held for microseconds. Endpoint facts (health, models, engine load)
 * are published through volatile fields; who may take the requests for a model is kept, as {@code Suitable}, until one of them
 * changes.
 *
 * <p>Invariant: the sum of open reservations is the number of requests in flight; when traffic stops, every counter is
 * exactly zero.
 */
@NullMarked
package dev.warmgate.router;

import org.jspecify.annotations.NullMarked;
