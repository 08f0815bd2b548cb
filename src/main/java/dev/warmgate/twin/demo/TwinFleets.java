package dev.warmgate.twin.demo;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.report.EndpointSample;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinReplica;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Fleets of simulated model servers, in this process, on free ports. */
public final class TwinFleets implements Fleet.Factory {
    /** Tokens per streamed event: events, not tokens, cost processor time, and every demo server shares this one's. */
    private static final int STREAM_INTERVAL = 8;

    @Override
    public Fleet start(int replicas, double speedUp) throws IOException {
        return new Running(TwinFleet.start(TwinSettings.DEFAULTS
                .withProfile(HardwareProfile.QWEN3_32B_TP2_H100)
                .withModels(List.of(Demo.MODEL))
                .withReplicas(replicas)
                .withSpeedUp(speedUp)
                .withStreamInterval(STREAM_INTERVAL)));
    }

    private record Running(TwinFleet fleet) implements Fleet {
        @Override
        public List<URI> addresses() {
            return fleet.replicas().stream().map(TwinReplica::url).toList();
        }

        @Override
        public List<EndpointSample> sample() {
            return fleet.replicas().stream().map(Running::sample).toList();
        }

        @Override
        public void close() {
            fleet.close();
        }

        private static EndpointSample sample(TwinReplica replica) {
            var engine = replica.stats().engine();
            return new EndpointSample(
                    engine.running() + engine.waiting(),
                    engine.waiting(),
                    engine.kvUsage(),
                    engine.queriedTokens(),
                    engine.cachedTokens());
        }
    }
}
