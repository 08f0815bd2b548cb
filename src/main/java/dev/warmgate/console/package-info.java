/**
 * The admin door: health, readiness, metrics, the state of the endpoints, and what operators do, on a port of its own.
 *
 * <p>Start at {@link dev.warmgate.console.AdminServer}. It listens on an event loop of its own, answers on
 * virtual threads and shares nothing with the data path, so that its answers never wait behind requests; what it shows is
 * read from volatile fields and short critical sections. Not the JDK's own small HTTP server: that looks for loggers and
 * providers in all libraries, which takes a good part of a start.
 *
 * <p>Who may come in: {@code Gatekeeper}. Everything but {@link dev.warmgate.console.Operations} only reads.
 */
@NullMarked
package dev.warmgate.console;

import org.jspecify.annotations.NullMarked;
