/**
 * The wire formats of clients: what a request asks for, what an answer reports, and errors each client understands.
 *
 * <p>{@link dev.warmgate.dialect.RequestReader} reads a request body in one pass over its bytes, without building a
 * tree, and feeds its prompt to the router in canonical form, so that equal conversations give equal prompt blocks in
 * every {@link dev.warmgate.dialect.Dialect}. {@link dev.warmgate.dialect.ResponseReader} watches the answer's bytes
 * pass by, and takes out of a stream what the client did not ask for. {@link dev.warmgate.dialect.ApiError} is an error
 * made here, in the caller's shape.
 *
 * <p>Threading: a reader is confined to one thread at a time; everything else is immutable.
 *
 * <p>Invariants: bytes are only read, what is to be changed of them is told to the caller; no prompt text is kept,
 * logged or put into a message.
 */
@NullMarked
package dev.warmgate.dialect;

import org.jspecify.annotations.NullMarked;
