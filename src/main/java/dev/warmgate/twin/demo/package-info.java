/**
 * The demo: policies compared on a fleet of simulated model servers behind a real gateway, over real sockets.
 *
 * <p>{@link dev.warmgate.twin.demo.Demo} runs it. The fleet and the gateway come in through small interfaces, because this
 * room knows no gateway.
 *
 * <p>Threading: one thread runs the demo and draws; fleet, gateway and load client have threads of their own.
 *
 * <p>Invariant: whatever happens, fleet, gateway, load client and the terminal are left closed.
 */
@NullMarked
package dev.warmgate.twin.demo;

import org.jspecify.annotations.NullMarked;
