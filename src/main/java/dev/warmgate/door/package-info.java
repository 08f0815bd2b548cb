/**
 * What the front doors have in common, whatever their protocol: how a request gets in, what is noted about it, and what
 * it is told if it does not.
 *
 * <p>Start at {@link dev.warmgate.door.Entry}. A door hands it what it knows of a request and gets a booked endpoint, a
 * place in a queue, or an answer to give. Everything of one request is confined to where the request is at home
 * ({@link dev.warmgate.door.Host}).
 */
@NullMarked
package dev.warmgate.door;

import org.jspecify.annotations.NullMarked;
