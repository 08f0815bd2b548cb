/** Checks of the source tree itself: direction of dependencies and formatting. */
@NullMarked
package dev.warmgate.build;

import org.jspecify.annotations.NullMarked;
