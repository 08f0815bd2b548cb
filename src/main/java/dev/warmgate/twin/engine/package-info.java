/**
 * The simulated engine: a step-level model of a vLLM V1 replica.
 *
 * <p>{@link dev.warmgate.twin.engine.ReplicaEngine} batches continuously, prefills in chunks, keeps KV blocks with
 * reference counts and LRU eviction, queues and preempts, and says how long each step takes on one of the
 * {@link dev.warmgate.twin.engine.HardwareProfile}s. {@link dev.warmgate.twin.engine.TwinTokenizer} turns prompts into
 * {@link dev.warmgate.twin.engine.TokenBlocks}, {@link dev.warmgate.twin.engine.AnswerText} writes the answers.
 *
 * <p>No I/O, no threads, no clock: time is a number that the caller passes in, so the same code runs behind a socket and
 * in virtual time. Every class is confined to one thread; values ({@code TokenBlocks}, profiles, stats) are immutable.
 *
 * <p>Invariants: KV blocks in use never exceed the profile's capacity and are zero when no request runs; every request
 * ends exactly once; equal calls give equal results.
 */
@NullMarked
package dev.warmgate.twin.engine;

import org.jspecify.annotations.NullMarked;
