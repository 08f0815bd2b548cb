/**
 * The simulator: the router that serves traffic in front of the twin's engines, in virtual time.
 *
 * <p>{@link dev.warmgate.twin.simulation.Simulation} runs one plan under one policy. {@code Timeline} owns the time,
 * {@code Traffic} the requests, {@code FleetMetrics} what is seen of the engines.
 *
 * <p>Threading: a run is confined to one thread; runs share nothing.
 *
 * <p>Invariant: equal arguments give equal results.
 */
@NullMarked
package dev.warmgate.twin.simulation;

import org.jspecify.annotations.NullMarked;
