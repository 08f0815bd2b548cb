/**
 * The admin door: health, readiness, metrics, the state of the endpoints, and what operators do, on a port of its own.
 *
 * <p>Start at {@link dev.warmgate.console.AdminServer}. It is the JDK's own small HTTP server on virtual threads and
 * shares nothing with the data path, so that its answers never wait behind requests; what it shows is read from volatile
 * fields and short critical sections.
 *
 * <p>Who may come in: {@code Gatekeeper}. Everything but {@link dev.warmgate.console.Operations} only reads.
 */
@NullMarked
package dev.warmgate.console;

import org.jspecify.annotations.NullMarked;
