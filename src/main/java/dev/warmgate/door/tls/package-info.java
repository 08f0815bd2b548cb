/**
 * TLS of the front doors: certificates from files, read again when these change, or made at the start.
 *
 * <p>Start at {@link dev.warmgate.door.tls.DoorTls}. Any thread.
 *
 * <p>Invariants: a connection keeps what it began with; files that cannot be used change nothing.
 */
@NullMarked
package dev.warmgate.door.tls;

import org.jspecify.annotations.NullMarked;
