package dev.warmgate.twin.load;

import java.net.URI;
import java.time.Duration;

/**
 * How a workload is sent.
 *
 * @param target where to, {@code http://host:port}
 * @param model the model asked for
 * @param speedUp model seconds per real second; above 0
 * @param textSeed seed of the prompts' words
 * @param requestTimeout real time after which a request is given up
 */
public record LoadSettings(URI target, String model, double speedUp, long textSeed, Duration requestTimeout) {
    public LoadSettings {
        if (!"http".equals(target.getScheme()) || target.getHost() == null || target.getPort() < 1) {
            throw new IllegalArgumentException("target: " + target + " (expected: an http URL with host and port)");
        }
        if (!(speedUp > 0)) {
            throw new IllegalArgumentException("speedUp: " + speedUp + " (expected: above 0)");
        }
    }
}
