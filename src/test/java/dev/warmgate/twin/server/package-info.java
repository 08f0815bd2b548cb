/** Tests of the simulated model servers over real sockets, on free ports; recorded vLLM answers are the measure. */
@NullMarked
package dev.warmgate.twin.server;

import org.jspecify.annotations.NullMarked;
