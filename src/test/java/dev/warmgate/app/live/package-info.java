/** Tests of the room of the same name. */
@NullMarked
package dev.warmgate.app.live;

import org.jspecify.annotations.NullMarked;
