/**
 * The command line: what a command takes, what it was given, its help. Knows no command.
 *
 * <p>Our own because a start must be short: no reflection, nothing that the JVM cannot keep in its cache of a start.
 *
 * <p>Any thread; no state.
 */
@NullMarked
package dev.warmgate.app.arguments;

import org.jspecify.annotations.NullMarked;
