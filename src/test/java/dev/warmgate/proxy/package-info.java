/** Tests of the proxy over real sockets, against scripted engines. */
@NullMarked
package dev.warmgate.proxy;

import org.jspecify.annotations.NullMarked;
