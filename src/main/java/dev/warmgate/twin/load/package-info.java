/**
 * The load client: sends a workload's sessions over HTTP/1.1 and measures every request from the client's side.
 *
 * <p>{@link dev.warmgate.twin.load.LoadRun} is the entry. Sessions start at their planned times whatever the target does
 * (open loop); inside a session a turn waits for the answer before it, and its prompt holds the text of that answer as it
 * came (closed loop). Only chat completions as a stream are spoken.
 *
 * <p>Threading: a run owns one event loop; sessions, exchanges and connections are confined to it. Progress is published
 * as an immutable snapshot through a volatile field.
 *
 * <p>Invariant: every planned turn has exactly one outcome, also when it fails or the run is cancelled.
 */
@NullMarked
package dev.warmgate.twin.load;

import org.jspecify.annotations.NullMarked;
