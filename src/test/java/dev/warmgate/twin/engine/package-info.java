/** Tests of the simulated engine, all in virtual time. */
@NullMarked
package dev.warmgate.twin.engine;

import org.jspecify.annotations.NullMarked;
