/**
 * Other routers' policies, for comparison in the simulator only, and the bound that no router can pass.
 *
 * <p>{@link dev.warmgate.twin.comparator.Contenders} names them all. Each formula names its source. A comparator is
 * confined to its simulation's thread; what it may know of the engines comes through
 * {@link dev.warmgate.twin.comparator.FleetView}.
 */
@NullMarked
package dev.warmgate.twin.comparator;

import org.jspecify.annotations.NullMarked;
