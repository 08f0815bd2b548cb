/** Tests of the log. */
@NullMarked
package dev.warmgate.app.log;

import org.jspecify.annotations.NullMarked;
