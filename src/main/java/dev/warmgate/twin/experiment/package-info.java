/**
 * Experiments: policies compared on one workload, in virtual time or against a target that serves.
 *
 * <p>{@link dev.warmgate.twin.experiment.Experiment} runs policies side by side in the simulator and, for a sweep, under
 * one load after another; {@code KneeSearch} decides which loads. {@link dev.warmgate.twin.experiment.Bench} sends a
 * workload as real load.
 *
 * <p>Threading: a run of the simulator is confined to one thread of the experiment's own; the thread that started the
 * experiment waits and shows how far it is.
 *
 * <p>Invariant: equal settings give equal results, whatever the number of threads.
 */
@NullMarked
package dev.warmgate.twin.experiment;

import org.jspecify.annotations.NullMarked;
