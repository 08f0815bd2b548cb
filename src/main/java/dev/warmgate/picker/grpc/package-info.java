/**
 * gRPC over HTTP/2 as far as gateways need it that call the picker: streams of messages, uncompressed, on few connections
 * that carry thousands of them. A general server spends more on a message than the picker on a decision, so this one
 * reads frames from the socket's own buffer and writes all that one read gives rise to with one write.
 *
 * <p>Start at {@link dev.warmgate.picker.grpc.GrpcServer}. {@code Session} knows what frames mean (RFC 9113),
 * {@code GrpcStream} messages and windows, {@code Frames} how what is written looks; header compression is Netty's.
 *
 * <p>Threading: everything of a connection, its streams and their calls belongs to its event loop.
 * {@link dev.warmgate.picker.grpc.GrpcStream#execute} brings work of other threads there. Servers may be used by any thread.
 *
 * <p>Invariants: a call hears of its end exactly once, unless it ended the stream itself; a stream whose gateway does not
 * take what it is told is not read on, so what waits for it is bounded by its window; nothing that a gateway announces
 * (lengths, header blocks) makes more room than a few times what has come of it.
 */
@NullMarked
package dev.warmgate.picker.grpc;

import org.jspecify.annotations.NullMarked;
