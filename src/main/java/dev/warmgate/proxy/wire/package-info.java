/**
 * What both sides of the proxy share about connections: the kind of sockets, deadlines, whose fault an error is.
 *
 * <p>Threading: whatever has a state is confined to its event loop.
 */
@NullMarked
package dev.warmgate.proxy.wire;

import org.jspecify.annotations.NullMarked;
