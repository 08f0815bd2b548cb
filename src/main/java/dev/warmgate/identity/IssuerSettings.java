package dev.warmgate.identity;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose tokens are believed.
 *
 * @param issuer the claim {@code iss} of its tokens, exactly
 * @param keys where its keys are
 * @param ca certificates to trust when fetching the keys, as PEM, or null for those of the Java runtime
 * @param audiences a token must be for one of these; at least one
 * @param algorithms that tokens may be signed with; at least one
 * @param clockSkew how far clocks may be apart; 0 to 10 minutes
 * @param refresh how old keys may get before they are fetched anew; 10 seconds to 24 hours
 * @param tenant the tenant of tokens that name none
 * @param claims the names of the claims that are read
 */
public record IssuerSettings(
        String issuer,
        KeyLocation keys,
        @Nullable Path ca,
        Set<String> audiences,
        Set<SigningAlgorithm> algorithms,
        Duration clockSkew,
        Duration refresh,
        String tenant,
        ClaimNames claims) {
    /** What is believed without another word. */
    public static final Set<SigningAlgorithm> DEFAULT_ALGORITHMS =
            Set.copyOf(EnumSet.of(SigningAlgorithm.RS256, SigningAlgorithm.ES256, SigningAlgorithm.EDDSA));

    /** Clocks of servers are seldom further apart. */
    public static final Duration DEFAULT_CLOCK_SKEW = Duration.ofSeconds(30);

    public static final Duration DEFAULT_REFRESH = Duration.ofMinutes(5);

    public IssuerSettings {
        requireNonNull(issuer, "issuer");
        requireNonNull(keys, "keys");
        audiences = Set.copyOf(audiences);
        algorithms = Set.copyOf(algorithms);
        requireNonNull(tenant, "tenant");
        requireNonNull(claims, "claims");
        if (audiences.isEmpty() || algorithms.isEmpty()) {
            throw new IllegalArgumentException("issuer: " + issuer + " (expected: an audience and an algorithm)");
        }
        if (clockSkew.isNegative() || refresh.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "issuer: " + issuer + " (expected: clockSkew 0 or more, refresh 1s or more)");
        }
    }

    /**
     * The names of claims. Each is looked up as it is, and if there is none of that name, as a path of names separated by
     * dots.
     *
     * @param tenant text: the name of a tenant
     * @param models a list of texts, or one text with spaces: models, with {@code *} at an end for anything
     * @param maxPriority whole number: the highest priority
     * @param objective text: the name of an objective
     */
    public record ClaimNames(String tenant, String models, String maxPriority, String objective) {
        public static final ClaimNames DEFAULT = new ClaimNames("tenant", "models", "max_priority", "objective");
    }
}
