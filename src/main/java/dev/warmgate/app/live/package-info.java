/**
 * What changes while a gateway runs: its configuration, its endpoints, and who asks for it.
 *
 * <p>Start at {@link dev.warmgate.app.live.Reloader}, which takes a whole configuration over or nothing of it, and at
 * {@link dev.warmgate.app.live.Fleet}, which keeps the router's pools as configured and as discovery finds them.
 *
 * <p>Threading: any thread; reloads and changes of the fleet are done one after the other, never on event loops.
 */
@NullMarked
package dev.warmgate.app.live;

import org.jspecify.annotations.NullMarked;
