package dev.warmgate.console;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the admin door may do and tell besides reading the router. Called on the door's threads, several at a time; may
 * block.
 */
public interface Operations {
    /** What became of an attempt to take the configuration over again. */
    enum Result {
        /** The file is in force now. */
        APPLIED,
        /** The file says what is in force already. */
        UNCHANGED,
        /** Nothing has changed, because of the problems. */
        REJECTED,
        /** There is no file: the gateway was started with options alone. */
        NO_FILE
    }

    /**
     * An attempt to take the configuration over again.
     *
     * @param trigger what asked for it, for example {@code SIGHUP}
     * @param changes what differs from before, in words; empty unless applied
     * @param problems why nothing changed; empty unless rejected
     */
    record Reload(Instant at, String trigger, Result result, List<String> changes, List<String> problems) {
        public Reload {
            changes = List.copyOf(changes);
            problems = List.copyOf(problems);
        }
    }

    /** What became of an attempt to drain. */
    enum DrainResult {
        /** Nothing is in flight there. */
        EMPTY,
        /** It takes no new requests; some are in flight. */
        DRAINING,
        /** Somebody took it back meanwhile. */
        TAKEN_BACK
    }

    /** A draining endpoint and the requests in flight there. */
    record Drain(DrainResult result, int inFlight) {}

    /**
     * A source of endpoints.
     *
     * @param endpoints how many it knows
     * @param problems entries that are left out, and why
     * @param failure why it could not be read the last time, or null if it could
     */
    record Source(
            String pool,
            String name,
            int endpoints,
            List<String> problems,
            @Nullable String failure) {
        public Source {
            problems = List.copyOf(problems);
        }
    }

    /**
     * The configuration in force.
     *
     * @param file null if there is none
     * @param version 1 at the start, one more each time another is taken over
     * @param hash of the file's text, so that gateways can be compared
     * @param since when it was taken over
     * @param last the last attempt to take one over, or null
     * @param leftOut endpoints that sources found and that are left out, and why
     */
    record Configuration(
            @Nullable String file,
            long version,
            String hash,
            Instant since,
            @Nullable Reload last,
            List<Source> sources,
            List<String> leftOut) {
        public Configuration {
            sources = List.copyOf(sources);
            leftOut = List.copyOf(leftOut);
        }
    }

    /** Takes the configuration file over again. */
    Reload reload();

    /**
     * Drains an endpoint.
     *
     * @param wait how long to wait for its last request
     * @return null if there is no endpoint of this name
     */
    @Nullable
    Drain drain(String endpoint, Duration wait) throws InterruptedException;

    /** Takes an endpoint back, and returns whether it takes requests now; null if there is no endpoint of this name. */
    @Nullable
    Boolean undrain(String endpoint);

    /** Returns where an endpoint comes from, in words. */
    String origin(String endpoint);

    /** Returns the configuration in force. */
    Configuration configuration();
}
