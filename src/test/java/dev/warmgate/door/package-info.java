/** Tests of the room of the same name. */
@NullMarked
package dev.warmgate.door;

import org.jspecify.annotations.NullMarked;
