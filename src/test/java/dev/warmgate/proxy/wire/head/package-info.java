/** Tests of what reads plain messages of HTTP/1.1. */
@NullMarked
package dev.warmgate.proxy.wire.head;

import org.jspecify.annotations.NullMarked;
