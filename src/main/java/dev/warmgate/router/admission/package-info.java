/**
 * Admission: whether and when a request may be routed.
 *
 * <p>A {@link dev.warmgate.router.admission.Standing} says who a request belongs to and how important it is;
 * {@link dev.warmgate.router.admission.AdmissionSettings} say how many requests may wait, for how long, and what share
 * each priority is sure of. Who gets which standing is decided in {@code router.tenancy}. The
 * {@link dev.warmgate.router.admission.AdmissionQueue} holds those that wait and says who goes next; whether an endpoint
 * has room is decided in {@code router}.
 *
 * <p>Threading: the records of this package are immutable and may be used by any thread; all else is owned by the lock of
 * the pool whose queue it is.
 *
 * <p>Invariants: what was added to a queue was taken from it or still waits; no request goes while one of higher priority
 * could go to the same endpoint, unless its band is owed its minimum share; a priority is a whole number from -1000 to 1000, higher goes first, and negative means sheddable.
 */
@NullMarked
package dev.warmgate.router.admission;

import org.jspecify.annotations.NullMarked;
