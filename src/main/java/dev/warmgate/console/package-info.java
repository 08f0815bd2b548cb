/**
 * The admin door: health, readiness, metrics and the state of the endpoints, on a port of its own.
 *
 * <p>Start at {@link dev.warmgate.console.AdminServer}. It is the JDK's own small HTTP server on virtual threads and
 * shares nothing with the data path, so that its answers never wait behind requests; what it shows is read from volatile
 * fields and short critical sections.
 *
 * <p>Everything here only reads.
 */
@NullMarked
package dev.warmgate.console;

import org.jspecify.annotations.NullMarked;
