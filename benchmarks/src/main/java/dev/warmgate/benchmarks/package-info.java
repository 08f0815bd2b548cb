/** JMH benchmarks of the hot path; run by {@code benchmarks/jmh}. */
@NullMarked
package dev.warmgate.benchmarks;

import org.jspecify.annotations.NullMarked;
