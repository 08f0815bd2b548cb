/**
 * How the gateway gets to model servers: by which protocol, with which key, over which TLS.
 *
 * <p>Start at {@link dev.warmgate.engine.link.EngineLinks}: the proxy and the monitor ask it for the
 * {@link dev.warmgate.engine.link.EngineLink} of an endpoint, so that both speak to it in the same way.
 *
 * <p>Invariants: no key is ever part of a text that this package makes; a key or certificate that cannot be read anew
 * leaves the one before in use; without an explicit word in the configuration every certificate and its name are
 * checked.
 *
 * <p>Threads: everything here may be used by any thread; what is read anew is published through volatile fields.
 */
@NullMarked
package dev.warmgate.engine.link;

import org.jspecify.annotations.NullMarked;
