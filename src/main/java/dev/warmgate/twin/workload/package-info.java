/**
 * What is offered to a fleet: sessions, their turns, and the text of their prompts.
 *
 * <p>A {@link dev.warmgate.twin.workload.Workload} is a pure function of a seed and a length: it gives lengths, pauses
 * and arrival times in model seconds and knows neither text nor HTTP, so the same workload drives sockets and
 * virtual time. {@link dev.warmgate.twin.workload.WordText} turns a {@link dev.warmgate.twin.workload.Text} into bytes
 * where bytes are needed; equal texts are equal bytes.
 *
 * <p>Threading: everything is immutable or a pure function.
 */
@NullMarked
package dev.warmgate.twin.workload;

import org.jspecify.annotations.NullMarked;
