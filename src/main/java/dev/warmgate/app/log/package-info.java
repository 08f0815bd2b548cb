/**
 * The log of the program: one line per event on the error stream, for people. The output stream belongs to the commands.
 *
 * <p>SLF4J finds {@link dev.warmgate.app.log.LogProvider} by its name. Our own because it begins with nothing: others read
 * settings and prepare formats of dates, a tenth of the time until ready and more.
 *
 * <p>Any thread.
 */
@NullMarked
package dev.warmgate.app.log;

import org.jspecify.annotations.NullMarked;
