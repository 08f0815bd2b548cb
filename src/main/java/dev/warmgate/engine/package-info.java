/**
 * What is known about each model server: whether it lives, which models it serves, what its metrics are called.
 *
 * <p>Start at {@link dev.warmgate.engine.EndpointMonitor}: it asks every endpoint on virtual threads, one per endpoint,
 * and publishes the answers into the router's {@code Endpoint} and into the {@link dev.warmgate.engine.ModelCatalog}.
 * Adding an engine means a constant in {@link dev.warmgate.engine.EngineKind} and its names in {@code EngineMetrics}.
 *
 * <p>Invariants: nothing here is needed for routing; an endpoint that answers nothing, late or nonsense costs one
 * virtual thread and a bounded amount of memory; every question ends within its time limit.
 */
@NullMarked
package dev.warmgate.engine;

import org.jspecify.annotations.NullMarked;
