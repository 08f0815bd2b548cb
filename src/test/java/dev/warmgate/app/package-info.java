/** Tests of the command line, in-process where possible. */
@NullMarked
package dev.warmgate.app;

import org.jspecify.annotations.NullMarked;
