/** Tests of the room of the same name, against real files and a small real name server. */
@NullMarked
package dev.warmgate.engine.discovery;

import org.jspecify.annotations.NullMarked;
