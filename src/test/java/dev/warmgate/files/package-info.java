/** Tests of the room of the same name. */
@NullMarked
package dev.warmgate.files;

import org.jspecify.annotations.NullMarked;
