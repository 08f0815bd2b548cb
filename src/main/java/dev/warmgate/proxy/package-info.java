/**
 * The HTTP front door: a streaming reverse proxy that asks the router where each request goes.
 *
 * <p>Start at {@link dev.warmgate.proxy.ProxyServer}. What a client connection is, and how requests arrive on it, is the
 * matter of {@link dev.warmgate.proxy.front}. A request is an {@code Exchange} (the state machine is drawn there), its way
 * to an engine an {@code Upstream}: a connection of HTTP/1.1 or a stream of HTTP/2 out of the {@code UpstreamPool} of its
 * event loop.
 *
 * <p>Threading: everything but {@code ProxyServer} and {@code Traffic} is confined to one event loop. A request, its
 * client connection and its connection to the engine share that loop, so nothing is handed between threads and nothing
 * is locked. Event loops never block.
 *
 * <p>Invariants: an exchange ends exactly once, whoever ends it, and then holds no reservation, no buffer and no
 * connection; only a connection whose exchange was complete goes back to the pool; nothing is retried once a byte of
 * the answer has come; an answer that was cut off never looks complete to the client.
 */
@NullMarked
package dev.warmgate.proxy;

import org.jspecify.annotations.NullMarked;
