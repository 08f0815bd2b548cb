/**
 * What is offered to a fleet: sessions, their turns, and the text of their prompts.
 *
 * <p>A {@link dev.warmgate.twin.workload.Plan} holds every request of a run:
 * {@link dev.warmgate.twin.workload.Workloads} plans the workloads that have a name,
 * {@link dev.warmgate.twin.workload.TracePlan} those in files.
 *
 * <p>A {@link dev.warmgate.twin.workload.Workload} is a pure function of a seed and a length: it gives lengths, pauses
 * and arrival times in model seconds and knows neither text nor HTTP, so the same workload drives sockets and
 * virtual time. {@link dev.warmgate.twin.workload.WordText} turns a {@link dev.warmgate.twin.workload.Text} into bytes
 * where bytes are needed; equal texts are equal bytes.
 *
 * <p>Threading: everything is immutable or a pure function, but for the readers of files, which are confined to one thread.
 */
@NullMarked
package dev.warmgate.twin.workload;

import org.jspecify.annotations.NullMarked;
