/**
 * The routing policies. {@link dev.warmgate.router.policy.Policies} names them all; adding one is a class here and a
 * line there. Policies are called under their pool's lock and keep state only if it is their own.
 */
@NullMarked
package dev.warmgate.router.policy;

import org.jspecify.annotations.NullMarked;
