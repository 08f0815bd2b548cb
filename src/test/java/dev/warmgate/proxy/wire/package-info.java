/** Tests of what both sides of the proxy share about connections. */
@NullMarked
package dev.warmgate.proxy.wire;

import org.jspecify.annotations.NullMarked;
