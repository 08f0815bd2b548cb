/**
 * Simulated model servers with real sockets: many replicas in one process, each speaking vLLM's HTTP on a port of its own.
 *
 * <p>{@link dev.warmgate.twin.server.TwinFleet#start} opens them, {@link dev.warmgate.twin.server.TwinReplica} is the
 * handle of one: its counters, and faults to order. Answers have the shapes of vLLM 0.32.0.
 *
 * <p>Threading: a replica, its engine, connections and answers belong to one event loop; loops host many replicas and
 * share nothing. The methods of the two public handles may be called from any thread but an event loop of the fleet.
 *
 * <p>Model time is real time multiplied by the speed-up and never drifts from it: steps that became due while a loop slept
 * are computed with the times they were due at. Tokens leave at the next wake, at most 4000 times a second.
 *
 * <p>Invariants: a connection that closes aborts its request at once; a connection buffers at most what its reader's
 * socket takes plus the channel's water mark, because a slow reader's events are merged.
 */
@NullMarked
package dev.warmgate.twin.server;

import org.jspecify.annotations.NullMarked;
