package dev.warmgate.proxy;

import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Refusals;
import dev.warmgate.proxy.ChaosClients.End;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.quarantine.Quarantine;
import dev.warmgate.twin.fault.Fault;
import dev.warmgate.twin.server.TwinFleet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why clients of a chaos run got errors: what the gateway says of each is held against what the servers did to it. Servers
 * tell from any thread; the rest is one thread's.
 */
final class ChaosReasons {
    /** Why a client got an error. */
    enum Reason {
        /** The server failed inside an answer that had begun. */
        INSIDE_ANSWER,
        /** The server's own answer, an error or nonsense in good framing, was passed on. */
        PASSED_ON,
        /** As many servers failed it as it may be tried at. */
        RETRIES_USED,
        /** As many requests were on a further attempt as may be. */
        RETRY_SHARE,
        /** Two servers died under it, and it was refused for that. */
        QUARANTINED,
        /** Two servers died under it and under others, and it was alone nowhere. */
        NOT_ALONE,
        /** It was tried at all servers that looked well, and these are at least half of them: else all get a try. */
        NO_ENDPOINT,
        /** All servers that could take it were busy, and too many waited for them already. */
        NO_ROOM,
        /** None of these: a flaw. */
        UNEXPLAINED
    }

    private static final Set<Fault> INSIDE = EnumSet.of(
            Fault.RESET_MID,
            Fault.STALL_MID,
            Fault.TRUNCATE,
            Fault.END_EARLY,
            Fault.GARBAGE_JSON,
            Fault.GARBAGE_EVENTS,
            Fault.VANISH);

    /** Faults that pass as the server's own words. */
    private static final Set<Fault> WORDS =
            EnumSet.of(Fault.GARBAGE_JSON, Fault.GARBAGE_EVENTS, Fault.END_EARLY, Fault.TRUNCATE, Fault.STATUS_500);

    /** Why admission refuses what comes at a time when there is no room. */
    private static final List<@Nullable String> ROOM = Stream.of(RefusalReason.values())
            .<@Nullable String>map(RefusalReason::label)
            .toList();

    /** How late a server may tell of a death. */
    private static final long SLACK_NANOS = 200_000_000;

    private final Map<String, Queue<Fault>> met = new ConcurrentHashMap<>();

    /** When which server died, by the name of its endpoint. */
    private final Map<String, Queue<Long>> deaths = new ConcurrentHashMap<>();

    /** Requests of which the gateway says that two servers died under them, where that is true. */
    private final Set<String> diedTwice = ConcurrentHashMap.newKeySet();

    private final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    private final List<String> unexplained = new ArrayList<>();

    /** Lets the servers tell what they do to which request. */
    void watch(TwinFleet fleet) {
        for (var replica : fleet.replicas()) {
            var times = deaths.computeIfAbsent(replica.url().getAuthority(), _ -> new ConcurrentLinkedQueue<>());
            replica.witness((request, fault) -> {
                met.computeIfAbsent(request, _ -> new ConcurrentLinkedQueue<>()).add(fault);
                if (fault == Fault.VANISH) {
                    times.add(System.nanoTime());
                }
            });
        }
    }

    /** Returns whether a server did anything to a request. */
    boolean anythingMet(String request) {
        return met.containsKey(request);
    }

    /** Hears that a request ended, on any thread; returns whether its report will be asked for. */
    boolean ended(RequestReport report, Quarantine quarantine) {
        boolean accused =
                Refusals.QUARANTINE.equals(report.admittance().refusal()) || report.exposure() == Exposure.NOT_ALONE;
        if (accused) {
            long now = System.nanoTime();
            long begun = now - report.durationNanos();
            // What a server had not begun to read it cannot tell by name: its death must fall into the request's life.
            var there = new HashSet<String>();
            for (var known : quarantine.list(Integer.MAX_VALUE)) {
                for (var death : known.deaths()) {
                    if (death.requestId().equals(report.requestId()) && diedBetween(death.endpoint(), begun, now)) {
                        there.add(death.endpoint());
                    }
                }
            }
            if (there.size() >= 2) {
                diedTwice.add(report.requestId());
            }
        }
        return accused || report.outcome() != Outcome.OK || anythingMet(report.requestId());
    }

    private boolean diedBetween(String endpoint, long begun, long ended) {
        var times = deaths.get(endpoint);
        return times != null
                && times.stream().anyMatch(time -> time - begun > -SLACK_NANOS && time - ended < SLACK_NANOS);
    }

    /** Looks into what became of one request. */
    void explain(End end, @Nullable RequestReport report) {
        var reason = report == null ? Reason.UNEXPLAINED : reason(end, report);
        counts.merge(reason, 1, Integer::sum);
        if (reason == Reason.UNEXPLAINED) {
            unexplained.add("%s met %s, was reported as %s".formatted(end, met.get(end.request()), report));
        }
    }

    private Reason reason(End end, RequestReport report) {
        String request = end.request();
        if (Refusals.QUARANTINE.equals(report.admittance().refusal())) {
            return diedTwice.contains(request) ? Reason.QUARANTINED : Reason.UNEXPLAINED;
        }
        if (report.outcome() == Outcome.REFUSED
                && ROOM.contains(report.admittance().refusal())) {
            return Reason.NO_ROOM;
        }
        var exposure = report.exposure();
        if (exposure == null) {
            return metOneOf(request, WORDS) ? Reason.PASSED_ON : Reason.UNEXPLAINED;
        }
        return switch (exposure) {
            case INSIDE_ANSWER -> metOneOf(request, INSIDE) ? Reason.INSIDE_ANSWER : Reason.UNEXPLAINED;
            case ENDPOINT_ERROR -> metOneOf(request, WORDS) ? Reason.PASSED_ON : Reason.UNEXPLAINED;
            case RETRIES_USED ->
                report.retries() >= RetryRules.DEFAULT.most() ? Reason.RETRIES_USED : Reason.UNEXPLAINED;
            case RETRY_SHARE -> Reason.RETRY_SHARE;
            case NOT_ALONE -> diedTwice.contains(request) ? Reason.NOT_ALONE : Reason.UNEXPLAINED;
            case NO_ENDPOINT -> 2 * (report.retries() + 1) >= deaths.size() ? Reason.NO_ENDPOINT : Reason.UNEXPLAINED;
            case NOT_REPEATABLE -> Reason.UNEXPLAINED; // all may be repeated here
        };
    }

    private boolean metOneOf(String request, Set<Fault> faults) {
        var own = met.get(request);
        return own != null && own.stream().anyMatch(faults::contains);
    }

    /** Returns how many errors had which reason. */
    Map<Reason, Integer> counts() {
        return counts;
    }

    int count(Reason reason) {
        return requireNonNull(counts.getOrDefault(reason, 0));
    }

    /** Returns the errors without a reason. */
    List<String> unexplained() {
        return unexplained;
    }
}
