/**
 * Requests that kill the endpoints they are sent to: recognised by the deaths that they were there at, and refused before
 * they have killed the fleet. No I/O; the clock is injected. Any thread.
 */
@NullMarked
package dev.warmgate.router.quarantine;

import org.jspecify.annotations.NullMarked;
