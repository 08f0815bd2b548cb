/**
 * Load over sockets: Warmgate's proxy against others, in one run on the same core; run by {@code benchmarks/rig/run},
 * {@code benchmarks/streams} and {@code benchmarks/overload}.
 *
 * <p>{@code StubEngine} answers at once, {@code Driver} offers load, {@code Server} is a process under test. Stub and
 * driver share one event loop, and all of them but {@code Server} are confined to it where nothing else is said.
 */
@NullMarked
package dev.warmgate.benchmarks.rig;

import org.jspecify.annotations.NullMarked;
