/**
 * The side of the proxy that clients see: what a client connection is, and how requests arrive on it.
 *
 * <p>Start at {@link dev.warmgate.proxy.front.FrontDoor}, which listens. A connection begins as an {@code Opening}, until
 * it is known what it speaks, and goes on as an {@code Http1Connection}, which serves one request at a time, or as an
 * {@code Http2Connection} with an {@code Http2Stream} for each request. To what serves a request both look alike: it writes
 * to a {@link dev.warmgate.proxy.front.ClientStream} and is told of everything as its
 * {@link dev.warmgate.proxy.front.ClientListener}.
 *
 * <p>Threading: everything but {@code FrontDoor} is confined to the event loop of its connection.
 *
 * <p>Invariants: a listener hears nothing after it has ended; it hears of a client that leaves exactly once, at once, unless
 * the last of its answer is already on the way, whose writing then fails; trailers, and with HTTP/2 whatever names the
 * connection, do not come through.
 */
@NullMarked
package dev.warmgate.proxy.front;

import org.jspecify.annotations.NullMarked;
