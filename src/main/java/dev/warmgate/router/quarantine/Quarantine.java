package dev.warmgate.router.quarantine;

import dev.warmgate.router.quarantine.Quarantined.Death;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Finds the request that kills endpoints among those that only were there.
 *
 * <p>Whoever is in flight on an endpoint that dies is <em>marked</em>, and tried elsewhere. When a second endpoint dies, the
 * cause is among the marked ones that were on it. If there is one only, it is <em>refused</em> from now on. If there are
 * several, each becomes a <em>suspect</em> and is tried only where no other marked request is: the next death tells which
 * one it is. A whole answer clears. So that there are seldom several, marked requests are kept apart where possible.
 *
 * <p>Requests are known by a hash of what they say, so that a client's own retry is the same request. At most
 * {@link #MOST} are remembered, each for a limited time.
 *
 * <p>Any thread: one lock, taken only while something is held against anybody.
 */
public final class Quarantine {
    /** How long a request stays refused, unless told otherwise. */
    public static final Duration DEFAULT_TIME = Duration.ofMinutes(10);

    /** Requests that are remembered; beyond it the oldest is forgotten. */
    static final int MOST = 10_000;

    /** Requests that fall at one endpoint within this time fall at the same death. */
    private static final long ONE_DEATH_NANOS = 10_000_000_000L;

    private static final int MOST_DEATHS = 8;

    /** Requests that fell at one endpoint of which more are not remembered: far more than one death takes. */
    private static final int MOST_FALLS = 1_000;

    private final LongSupplier nanoTime;

    // All below guarded by the monitor, but for what is volatile.
    private final LinkedHashMap<Long, Case> cases = new LinkedHashMap<>();
    private final Map<String, Incident> incidents = new HashMap<>();

    /** Requests that fell lately at endpoints that may yet turn out to have died. */
    private final Map<String, ArrayDeque<Fall>> falls = new HashMap<>();

    /** How many requests of which hash, something being held against it, are in flight on which endpoint. */
    private final Map<String, Map<Long, Integer>> present = new HashMap<>();

    private volatile boolean empty = true;
    private volatile Duration time = DEFAULT_TIME;
    private volatile long found;

    private static final class Case {
        private final List<Death> deaths = new ArrayList<>();
        private Standing standing = Standing.MARKED;
        private long expires;
    }

    /** A request that failed at an endpoint. */
    private record Fall(long at, long hash, String requestId) {}

    /** One death: when, who of the marked ones was there, and whose deaths have been counted. */
    private record Incident(long at, Set<Long> repeated, Set<Long> counted) {}

    /**
     * Creates an empty quarantine.
     *
     * @param nanoTime the clock
     */
    public Quarantine(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Sets how long a request is remembered after the last death that it was there at; zero switches all of this off. */
    public void time(Duration newTime) {
        time = newTime;
    }

    /** Returns whether deaths are counted at all. */
    public boolean enabled() {
        return !time.isZero();
    }

    /** Returns whether nothing is held against anybody: then no request need be hashed. */
    public boolean isEmpty() {
        return empty;
    }

    /** Returns how many requests have ever been found to kill. */
    public long found() {
        return found;
    }

    /** Returns what is held against a request. */
    public Standing standing(long hash) {
        if (empty) {
            return Standing.FREE;
        }
        synchronized (this) {
            expire();
            var known = cases.get(hash);
            return known == null ? Standing.FREE : known.standing;
        }
    }

    /** Returns the names of endpoints where a request must not go, because another suspect is there, or it is one. */
    public synchronized Set<String> mustAvoid(long hash) {
        var own = cases.get(hash);
        if (own == null) {
            return Set.of();
        }
        boolean alone = own.standing != Standing.MARKED;
        return endpointsWith(hash, other -> alone || other.standing == Standing.SUSPECT);
    }

    /** Returns the names of endpoints where a request should not go if there are others: marked ones are there. */
    public synchronized Set<String> shouldAvoid(long hash) {
        return cases.containsKey(hash) ? endpointsWith(hash, _ -> true) : Set.of();
    }

    private Set<String> endpointsWith(long hash, Predicate<Case> which) {
        var names = new HashSet<String>();
        present.forEach((endpoint, hashes) -> {
            for (long there : hashes.keySet()) {
                var other = cases.get(there);
                if (there != hash && other != null && which.test(other)) {
                    names.add(endpoint);
                }
            }
        });
        return names;
    }

    /**
     * Hears that a request goes to an endpoint.
     *
     * @return whether something is held against it, so that {@link #left} must follow
     */
    public synchronized boolean comes(long hash, String endpoint) {
        if (!cases.containsKey(hash)) {
            return false;
        }
        present.computeIfAbsent(endpoint, _ -> new HashMap<>()).merge(hash, 1, Integer::sum);
        return true;
    }

    /** Hears that a request has left an endpoint that it came to, after its {@link #died} if it fell there. */
    public synchronized void left(long hash, String endpoint) {
        var there = present.get(endpoint);
        if (there != null) {
            there.computeIfPresent(hash, (_, count) -> count == 1 ? null : count - 1);
            if (there.isEmpty()) {
                present.remove(endpoint);
            }
        }
    }

    /** Hears that an endpoint died while it had a request; returns what is now held against that. */
    public synchronized Standing died(long hash, String requestId, String endpoint) {
        expire();
        long now = nanoTime.getAsLong();
        var incident = incidents.get(endpoint);
        if (incident == null || now - incident.at > ONE_DEATH_NANOS) {
            incident = new Incident(now, repeated(hash, endpoint), new HashSet<>());
            incidents.put(endpoint, incident);
        }
        var known = cases.get(hash);
        if (!incident.counted.add(hash) && known != null) {
            return known.standing;
        }
        var own = known == null ? new Case() : known;
        cases.put(hash, own);
        own.expires = now + time.toNanos();
        if (own.deaths.size() < MOST_DEATHS) {
            own.deaths.add(new Death(endpoint, requestId));
        }
        if (own.standing != Standing.REFUSED && own.deaths.size() > 1) {
            own.standing = incident.repeated.size() == 1 ? Standing.REFUSED : Standing.SUSPECT;
            if (own.standing == Standing.REFUSED) {
                found = found + 1;
            }
        }
        bound();
        empty = false;
        return own.standing;
    }

    /** Hears that a request failed at an endpoint that still takes connections; {@link #failedCheck} may make it a death. */
    public synchronized void fell(long hash, String requestId, String endpoint) {
        long now = nanoTime.getAsLong();
        falls.values().removeIf(there -> now - there.getLast().at > ONE_DEATH_NANOS);
        var there = falls.computeIfAbsent(endpoint, _ -> new ArrayDeque<>());
        if (there.size() == MOST_FALLS) {
            there.removeFirst();
        }
        there.add(new Fall(now, hash, requestId));
    }

    /**
     * Hears that an endpoint that was well says that it is not, or does not work any more: requests that failed there just
     * before were there when it died.
     *
     * @return how many these are
     */
    public synchronized int failedCheck(String endpoint) {
        var there = falls.remove(endpoint);
        long now = nanoTime.getAsLong();
        if (there == null || !enabled()) {
            return 0;
        }
        there.removeIf(fall -> now - fall.at > ONE_DEATH_NANOS);
        expire();
        var marked = new HashSet<Long>();
        there.forEach(fall -> marked.add(fall.hash));
        marked.retainAll(cases.keySet());
        incidents.putIfAbsent(endpoint, new Incident(now, marked, new HashSet<>()));
        there.forEach(fall -> died(fall.hash, fall.requestId, endpoint));
        return there.size();
    }

    /** Returns those that had been marked before and were there, the reporting one among them if it had been. */
    private Set<Long> repeated(long hash, String endpoint) {
        var repeated = new HashSet<>(present.getOrDefault(endpoint, Map.of()).keySet());
        repeated.add(hash);
        repeated.retainAll(cases.keySet());
        return repeated;
    }

    private void bound() {
        while (cases.size() > MOST) {
            var oldest = cases.entrySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** Hears that a request got a whole answer: nothing is held against it any more. */
    public void survived(long hash) {
        if (empty) {
            return;
        }
        synchronized (this) {
            var known = cases.get(hash);
            if (known != null && known.standing != Standing.REFUSED) {
                cases.remove(hash);
                empty = cases.isEmpty();
            }
        }
    }

    /** Returns those that something is held against, the refused ones first, at most so many. */
    public synchronized List<Quarantined> list(int most) {
        expire();
        long now = nanoTime.getAsLong();
        var all = new ArrayList<Quarantined>();
        cases.forEach((hash, known) ->
                all.add(new Quarantined(hash, known.standing, known.deaths, Duration.ofNanos(known.expires - now))));
        all.sort((a, b) -> b.standing().compareTo(a.standing()));
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        cases.values().removeIf(known -> now - known.expires >= 0);
        incidents.values().removeIf(incident -> now - incident.at > ONE_DEATH_NANOS);
        empty = cases.isEmpty();
    }

    @Override
    public synchronized String toString() {
        return "Quarantine[" + cases.size() + " known, " + found + " found]";
    }
}
