/**
 * The words of admission: what decides whether and when a request may be routed.
 *
 * <p>A {@link dev.warmgate.router.admission.Standing} says who a request belongs to and how important it is;
 * {@link dev.warmgate.router.admission.AdmissionSettings} say how many requests may wait, for how long, and what share
 * each priority is sure of. Who gets which standing is decided in {@code router.tenancy}.
 *
 * <p>Threading: the records of this package are immutable and may be used by any thread.
 *
 * <p>Invariant: a priority is a whole number from -1000 to 1000, higher goes first, and negative means sheddable.
 */
@NullMarked
package dev.warmgate.router.admission;

import org.jspecify.annotations.NullMarked;
