package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.EngineStats;

/**
 * What a replica does and has done since it was started or restarted.
 *
 * @param engine its engine's counters
 * @param connections open connections
 * @param alive false between kill and restart
 */
public record ReplicaStats(EngineStats engine, int connections, boolean alive) {}
