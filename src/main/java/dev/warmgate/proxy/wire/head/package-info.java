/**
 * Reads the messages of HTTP/1.1 that look like nearly all others with less work than Netty's decoders, into which these
 * readers are built: whatever is not plain, or is not there as a whole, Netty's decoder reads, with all its strictness. So what is refused,
 * and why, is decided in one place; a message that is read here is one that Netty would have read in the same way, which tests
 * compare.
 *
 * <p>Threading: everything is confined to its connection's event loop.
 */
@NullMarked
package dev.warmgate.proxy.wire.head;

import org.jspecify.annotations.NullMarked;
