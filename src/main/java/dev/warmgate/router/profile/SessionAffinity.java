package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * The endpoint that an earlier request of the session went to: {@code session-affinity-filter},
 * {@code session-affinity-scorer}.
 *
 * @param strategy how that is known
 * @param profileName the profile whose choice counts; empty for the primary one
 */
public record SessionAffinity(Strategy strategy, String profileName) implements Filter, Scorer {
    public SessionAffinity {
        requireNonNull(strategy, "strategy");
        requireNonNull(profileName, "profileName");
    }

    /** How the endpoint of a session is known. */
    public sealed interface Strategy {}

    /**
     * The client tells: a header of the answer names the endpoint, in base64, and the next request bears it.
     *
     * @param header the header's name, in any case; {@code x-session-token} by default
     */
    public record EncodedEndpointHeader(String header) implements Strategy {
        public static final EncodedEndpointHeader DEFAULT = new EncodedEndpointHeader("x-session-token");

        public EncodedEndpointHeader {
            Require.named(header, "encodedEndpointHeaderConfig.header");
        }
    }

    /**
     * We remember: by the session's name, while it is used.
     *
     * @param sources where the name may be; the first that has one counts
     * @param evictionTtl how long a session is remembered that is not used
     * @param evictionSweep how often those are looked for
     */
    public record SessionId(List<Source> sources, Duration evictionTtl, Duration evictionSweep) implements Strategy {
        public static final Duration DEFAULT_EVICTION_TTL = Duration.ofMinutes(5);
        public static final Duration DEFAULT_EVICTION_SWEEP = Duration.ofSeconds(10);

        public SessionId {
            sources = List.copyOf(sources);
            Require.that(!sources.isEmpty(), "sessionIdConfig.sources", "none", "at least one");
            Require.that(evictionTtl.isPositive(), "sessionIdConfig.evictionTtlSeconds", evictionTtl, "above 0");
            Require.that(evictionSweep.isPositive(), "sessionIdConfig.evictionSweepSeconds", evictionSweep, "above 0");
        }
    }

    /** Where the name of a session may be. */
    public sealed interface Source {}

    /** A header of the request, its name in any case. */
    public record Header(String name) implements Source {
        public Header {
            Require.named(name, "header");
        }
    }

    /** A cookie of the request: an attribute of a {@code session-id-producer} with {@code cookieName}. */
    public record Cookie(String name) implements Source {
        public Cookie {
            Require.named(name, "cookieName");
        }
    }
}
