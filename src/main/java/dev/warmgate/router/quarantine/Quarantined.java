package dev.warmgate.router.quarantine;

import java.time.Duration;
import java.util.List;

/**
 * A request that something is held against, for people.
 *
 * @param hash of its body; the body itself is not kept
 * @param left until it is forgotten
 */
public record Quarantined(long hash, Standing standing, List<Death> deaths, Duration left) {
    /**
     * A death that it was there at.
     *
     * @param endpoint the name of who died
     * @param requestId the id that the request had
     */
    public record Death(String endpoint, String requestId) {}

    public Quarantined {
        deaths = List.copyOf(deaths);
    }
}
