/**
 * Faults that simulated model servers show on purpose: which, how often, and the dice that decide when.
 *
 * <p>{@link dev.warmgate.twin.fault.FaultPlan} says what may happen and is immutable; a
 * {@link dev.warmgate.twin.fault.FaultDice} belongs to one replica and to one thread. The same plan, seed and order of
 * requests give the same faults.
 */
@NullMarked
package dev.warmgate.twin.fault;

import org.jspecify.annotations.NullMarked;
