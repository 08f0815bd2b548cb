/**
 * The load client: sends a plan's requests over HTTP/1.1 and measures every one from the client's side.
 *
 * <p>{@link dev.warmgate.twin.load.LoadRun} is the entry. Requests that the clock starts are sent at their times whatever
 * the target does (open loop); one that follows another waits for its end, and if it continues it, its prompt holds the
 * text of that answer as it came (closed loop). What would follow a refused request is not sent. Only chat completions as a stream are spoken.
 *
 * <p>Threading: a run owns one event loop; conversations, exchanges and connections are confined to it. Progress is
 * published as an immutable snapshot through a volatile field.
 *
 * <p>Invariant: every planned request has exactly one outcome, also when it fails, is never sent, or the run is cancelled.
 */
@NullMarked
package dev.warmgate.twin.load;

import org.jspecify.annotations.NullMarked;
