/** Tests of the command line's words. */
@NullMarked
package dev.warmgate.app.arguments;

import org.jspecify.annotations.NullMarked;
