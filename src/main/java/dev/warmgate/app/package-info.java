/**
 * Command line and wiring: the only room that knows all the others.
 *
 * <p>Start at {@link dev.warmgate.app.Main}. Each command is a class of its own; all say what they have to say through
 * a {@link dev.warmgate.app.Terminal}, so that tests run them in-process. Exit codes: 0 done, 1 it could not be done,
 * 2 it was asked wrongly. Users' mistakes are answered in single lines on the error stream, never with a stack trace.
 *
 * <p>Threading: commands run on the main thread and return its exit code.
 */
@NullMarked
package dev.warmgate.app;

import org.jspecify.annotations.NullMarked;
