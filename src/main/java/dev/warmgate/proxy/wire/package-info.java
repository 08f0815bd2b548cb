/**
 * What both sides of the proxy share about connections: the kind of sockets, deadlines, whose fault an error is.
 *
 * <p>Threading: a {@code Deadline} is confined to its event loop; the rest has no state.
 */
@NullMarked
package dev.warmgate.proxy.wire;

import org.jspecify.annotations.NullMarked;
