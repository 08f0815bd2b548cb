/** Tests of the comparators' formulas, with cases small enough to compute by hand. */
@NullMarked
package dev.warmgate.twin.comparator;

import org.jspecify.annotations.NullMarked;
