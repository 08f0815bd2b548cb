/**
 * Where endpoints come from besides the configuration: a file that something else writes, and DNS.
 *
 * <p>Start at {@link dev.warmgate.engine.discovery.EndpointSource}: each source runs on a virtual thread of its own and
 * publishes full lists. Nobody asks a source; whoever listens hears every change.
 *
 * <p>Invariant: a source that fails, however it fails, takes no endpoint away. It keeps publishing its last good list,
 * and says what is wrong.
 */
@NullMarked
package dev.warmgate.engine.discovery;

import org.jspecify.annotations.NullMarked;
