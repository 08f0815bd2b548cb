package dev.warmgate.router.profile;

import dev.warmgate.router.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Session affinity at work. */
final class Sessions {
    private Sessions() {}

    static Step.Filtering filtering(SessionAffinity affinity) {
        return new PinFilter(pin(affinity));
    }

    static Step.Scoring scoring(SessionAffinity affinity) {
        return new PinScorer(pin(affinity));
    }

    private static Pin pin(SessionAffinity affinity) {
        return switch (affinity.strategy()) {
            case SessionAffinity.EncodedEndpointHeader(var header) ->
                new Encoded(header.toLowerCase(Locale.ROOT), affinity.profileName());
            case SessionAffinity.SessionId strategy -> new Remembered(strategy, affinity.profileName());
        };
    }

    /** Knows the endpoint of a request's session. */
    private interface Pin extends Step {
        int NONE = -1;

        /** Returns the candidate that is left and has the session, or {@link #NONE}. */
        int pinned(Round round);
    }

    private static boolean counts(String profileName, String profile) {
        return profileName.isEmpty() || profileName.equals(profile);
    }

    /** What both uses of a pin hear and tell. */
    private interface Pinned extends Step {
        Pin pin();

        @Override
        default Set<String> hints() {
            return pin().hints();
        }

        @Override
        default void booked(Round round, int choice) {
            pin().booked(round, choice);
        }

        @Override
        default void forget(int slot) {
            pin().forget(slot);
        }

        @Override
        default Map<String, String> tells(String profile, Endpoint endpoint) {
            return pin().tells(profile, endpoint);
        }
    }

    private record PinFilter(Pin pin) implements Pinned, Step.Filtering {
        @Override
        public void filter(Round round) {
            int pinned = pin.pinned(round);
            if (pinned != Pin.NONE) {
                round.keep(i -> i == pinned);
            }
        }
    }

    private record PinScorer(Pin pin) implements Pinned, Step.Scoring {
        @Override
        public void score(Round round, double[] scores) {
            int pinned = pin.pinned(round);
            for (int k = 0; k < round.size(); k++) {
                scores[k] = round.left(k) == pinned ? 1 : 0;
            }
        }
    }

    /** The client says it. */
    private record Encoded(String header, String profileName) implements Pin {
        @Override
        public Set<String> hints() {
            return Set.of(header);
        }

        @Override
        public int pinned(Round round) {
            var name = decoded(round.hint(header));
            for (int k = 0; !name.isEmpty() && k < round.size(); k++) {
                if (round.endpoint(round.left(k)).name().equals(name)) {
                    return round.left(k);
                }
            }
            return NONE;
        }

        private static String decoded(String token) {
            try {
                return new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException _) {
                return "";
            }
        }

        @Override
        public Map<String, String> tells(String profile, Endpoint endpoint) {
            var name = endpoint.name().getBytes(StandardCharsets.UTF_8);
            return counts(profileName, profile)
                    ? Map.of(header, Base64.getEncoder().encodeToString(name))
                    : Map.of();
        }
    }

    /**
     * We remember it. Entries are in the order in which they were used last.
     *
     * <p>A session goes on with another endpoint only if the one it had was no candidate: one that lost its session to a
     * scorer of more weight gets it back.
     */
    private static final class Remembered implements Pin {
        /** Beyond, the session goes that was not used for longest. */
        private static final int MOST_SESSIONS = 1 << 17;

        /** Names that are longer are none. */
        private static final int LONGEST_NAME = 512;

        private record Bound(Endpoint endpoint, long lastSeen) {}

        /** Where the name of a session may be: a field of the header, or a cookie in it. */
        private record Place(String field, String cookie) {}

        private final SessionAffinity.SessionId strategy;
        private final List<Place> places;
        private final String profileName;
        private final LinkedHashMap<String, Bound> sessions = new LinkedHashMap<>();
        private long sweptAt = Long.MIN_VALUE;

        // Of the round that is not booked yet.
        private @Nullable String session;
        private boolean absent;

        Remembered(SessionAffinity.SessionId strategy, String profileName) {
            this.strategy = strategy;
            this.places = strategy.sources().stream().map(Remembered::place).toList();
            this.profileName = profileName;
        }

        @Override
        public Set<String> hints() {
            return places.stream().map(Place::field).collect(Collectors.toUnmodifiableSet());
        }

        private static Place place(SessionAffinity.Source source) {
            return switch (source) {
                case SessionAffinity.Header(var name) -> new Place(name.toLowerCase(Locale.ROOT), "");
                case SessionAffinity.Cookie(var name) -> new Place(Cookies.FIELD, name);
            };
        }

        private @Nullable String session(Round round) {
            for (var place : places) {
                var text = round.hint(place.field);
                var value = place.cookie.isEmpty() ? text : Cookies.value(text, place.cookie);
                if (!value.isEmpty() && value.length() <= LONGEST_NAME) {
                    return value;
                }
            }
            return null;
        }

        @Override
        public int pinned(Round round) {
            sweep(round.nanoTime());
            session = session(round);
            absent = false;
            var bound = session == null ? null : sessions.get(session);
            if (bound == null) {
                return NONE;
            }
            for (int k = 0; k < round.size(); k++) {
                if (round.endpoint(round.left(k)) == bound.endpoint) {
                    return round.left(k);
                }
            }
            absent = true;
            return NONE;
        }

        @Override
        public void booked(Round round, int choice) {
            if (session == null || !counts(profileName, round.profile())) {
                return;
            }
            var endpoint = round.endpoint(choice);
            var bound = sessions.get(session);
            if (bound == null || bound.endpoint == endpoint || absent) {
                sessions.putLast(session, new Bound(endpoint, round.nanoTime()));
                if (sessions.size() > MOST_SESSIONS) {
                    sessions.pollFirstEntry();
                }
            }
        }

        private void sweep(long now) {
            if (sweptAt != Long.MIN_VALUE
                    && now - sweptAt < strategy.evictionSweep().toNanos()) {
                return;
            }
            sweptAt = now;
            long ttl = strategy.evictionTtl().toNanos();
            for (var eldest = sessions.firstEntry();
                    eldest != null && now - eldest.getValue().lastSeen > ttl;
                    eldest = sessions.firstEntry()) {
                sessions.pollFirstEntry();
            }
        }

        @Override
        public void forget(int slot) {
            sessions.values().removeIf(bound -> bound.endpoint.slot() == slot);
        }
    }
}
