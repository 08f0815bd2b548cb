package dev.warmgate.router.admission;

import dev.warmgate.router.admission.AdmissionQueue.Fit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The rules of {@link AdmissionQueue} over plain lists: every question looks at all that wait. */
final class ReferenceQueue {
    /** Work of a tenant or flow; what was booked too much is taken off the next. */
    static final class Account {
        double work;
        double refund;
        double reached;
        long since;
        int inFlight;
        double prefill;

        void charge(double amount) {
            if (amount >= refund) {
                work += amount - refund;
                refund = 0;
            } else {
                refund -= amount;
            }
        }
    }

    private record Of(int priority, String name) {}

    /** Who waits. */
    static final class Waiting {
        final Request request;
        int slot;
        long number;

        Waiting(Request request, int slot) {
            this.request = request;
            this.slot = slot;
        }

        int priority() {
            return request.standing.priority();
        }

        String flow() {
            return request.standing.flow();
        }
    }

    final AdmissionSettings settings;
    final List<Waiting> waiting = new ArrayList<>();
    private final Map<Of, Account> tenants = new HashMap<>();
    private final Map<Of, Account> flows = new HashMap<>();
    private final Map<Integer, Double> reached = new HashMap<>();
    private final Map<Integer, Double> prefills = new HashMap<>();
    private final Map<Integer, Double> owed = new HashMap<>();
    private long numbers;

    ReferenceQueue(AdmissionSettings settings) {
        this.settings = settings;
    }

    Account tenant(Standing standing) {
        return tenants.computeIfAbsent(new Of(standing.priority(), standing.tenant()), _ -> new Account());
    }

    Account flow(Standing standing) {
        return flows.computeIfAbsent(new Of(standing.priority(), standing.flow()), _ -> new Account());
    }

    boolean isOwed(int priority) {
        return owed.getOrDefault(priority, 0.0) > 0;
    }

    List<Waiting> waiting(Predicate<Waiting> which) {
        return waiting.stream().filter(which).toList();
    }

    long count(Predicate<Waiting> which) {
        return waiting.stream().filter(which).count();
    }

    long bytes(Predicate<Waiting> which) {
        return waiting.stream()
                .filter(which)
                .mapToLong(one -> one.request.bytes())
                .sum();
    }

    // ---- who may wait

    /** Says whether one more may wait, after others were shed or not. */
    Fit fit(Standing standing, long bytes) {
        Predicate<Waiting> own = one -> one.flow().equals(standing.flow()) && one.priority() == standing.priority();
        Predicate<Waiting> band = one -> one.priority() == standing.priority();
        Predicate<Waiting> above = one -> one.priority() > standing.priority();
        if (count(own) >= settings.maxRequestsPerFlow()) {
            return Fit.FLOW_FULL;
        }
        var limits = settings.band(standing.priority());
        long requestsFor = Math.min(limits.maxRequests(), settings.maxRequests() - count(above));
        long bytesFor = Math.min(limits.maxBytes(), settings.maxBytes() - bytes(above));
        long among = waiting.stream().filter(band).map(Waiting::flow).distinct().count() + (count(own) == 0 ? 1 : 0);
        if (bytes > bytesFor) {
            return Fit.FULL;
        }
        double evenRequests = (double) requestsFor / among;
        if (count(band) + 1 > requestsFor && count(own) + 1 > evenRequests) {
            return count(own) > evenRequests ? Fit.FLOW_FULL : Fit.FULL;
        }
        long evenBytes = bytesFor / among;
        if (bytes(band) + bytes > bytesFor && bytes(own) + bytes > evenBytes) {
            return bytes(own) > evenBytes ? Fit.FLOW_FULL : Fit.FULL;
        }
        return Fit.FITS;
    }

    /** Returns whether shedding this one next is right: the newest of a flow with most of its band's. */
    boolean mayBeShed(Waiting victim, Standing by) {
        int priority = victim.priority();
        boolean newest = count(one ->
                        one.priority() == priority && one.flow().equals(victim.flow()) && one.number > victim.number)
                == 0;
        boolean lowest = count(one -> one.priority() < priority) == 0;
        boolean most = most(victim, _ -> 1) || most(victim, one -> one.request.bytes());
        return newest && most && (priority == by.priority() || (priority < by.priority() && lowest));
    }

    private boolean most(Waiting victim, ToLongFunction<Waiting> size) {
        var sums = new HashMap<String, Long>();
        for (var one : waiting(other -> other.priority() == victim.priority())) {
            sums.merge(one.flow(), size.applyAsLong(one), Long::sum);
        }
        return sums.values().stream().allMatch(sum -> sum <= sums.getOrDefault(victim.flow(), 0L));
    }

    // ---- waiting

    void add(Request request, int slot) {
        var entry = new Waiting(request, slot);
        entry.number = numbers++;
        var standing = request.standing;
        var flow = flow(standing);
        var tenant = tenant(standing);
        if (count(one -> one.priority() == standing.priority() && one.flow().equals(standing.flow())) == 0) {
            flow.work = Math.max(flow.work - flow.refund, tenant.reached);
            flow.refund = 0;
            flow.since = entry.number;
        }
        if (count(one -> one.priority() == standing.priority()
                        && one.request.standing.tenant().equals(standing.tenant()))
                == 0) {
            tenant.work = Math.max(tenant.work - tenant.refund, reached.getOrDefault(standing.priority(), 0.0));
            tenant.refund = 0;
            tenant.since = entry.number;
        }
        waiting.add(entry);
    }

    Waiting of(Request request) {
        return waiting.stream()
                .filter(one -> one.request == request)
                .findFirst()
                .orElseThrow();
    }

    void take(Request request) {
        var entry = of(request);
        waiting.remove(entry);
        if (count(one -> one.priority() == entry.priority()) == 0) {
            owed.merge(entry.priority(), 0.0, Math::min);
        }
    }

    // ---- who goes next

    /** Returns whether a waiting request may go to an endpoint that has room for it. */
    boolean mayGo(Waiting one, int slot, IntPredicate gate) {
        return (one.slot == AdmissionQueue.ANY || one.slot == slot)
                && (one.request.running() || isOwed(one.priority()) || gate.test(one.priority()));
    }

    @Nullable
    Request next(int slot, IntPredicate gate, Predicate<Standing> room, long now) {
        var byBand = new TreeMap<Integer, List<Waiting>>();
        for (var one : waiting(one -> mayGo(one, slot, gate) && room.test(one.request.standing))) {
            byBand.computeIfAbsent(one.priority(), _ -> new ArrayList<>()).add(one);
        }
        for (var band : byBand.entrySet()) {
            if (isOwed(band.getKey())) {
                return first(band.getValue(), now);
            }
        }
        return byBand.isEmpty() ? null : first(byBand.lastEntry().getValue(), now);
    }

    /** Returns the first of those that wait for any endpoint or for a certain one. */
    private Request first(List<Waiting> band, long now) {
        var anywhere = firstOfPlace(band, true, now);
        var there = firstOfPlace(band, false, now);
        return Objects.requireNonNull(firstOfTwo(anywhere, there, now)).request;
    }

    private @Nullable Waiting firstOfPlace(List<Waiting> band, boolean anywhere, long now) {
        var place = band.stream()
                .filter(one -> (one.slot == AdmissionQueue.ANY) == anywhere)
                .toList();
        return firstOfTwo(
                inOrder(place.stream().filter(one -> !late(one, now)).toList(), now),
                inOrder(place.stream().filter(one -> late(one, now)).toList(), now),
                now);
    }

    /** Who can still be in time goes first, but for a tenant that is too far behind. */
    private @Nullable Waiting firstOfTwo(@Nullable Waiting a, @Nullable Waiting b, long now) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        if (late(a, now) == late(b, now)) {
            return inOrder(List.of(a, b), now);
        }
        var inTime = late(a, now) ? b : a;
        var late = late(a, now) ? a : b;
        return isBehind(late.request.standing, inTime.request.standing) ? late : inTime;
    }

    private boolean isBehind(Standing one, Standing other) {
        double lag = (tenant(other).work - tenant(one).work) * one.weight();
        double usual = prefills.getOrDefault(one.priority(), 0.0);
        return lag > 1 && tenant(one).prefill > 2 * usual && busyTenants(one.priority()) > 1;
    }

    private long busyTenants(int priority) {
        return tenants.entrySet().stream()
                .filter(entry -> entry.getKey().priority == priority)
                .filter(entry -> entry.getValue().inFlight > 0
                        || count(one -> one.priority() == priority
                                        && one.request.standing.tenant().equals(entry.getKey().name))
                                > 0)
                .count();
    }

    private @Nullable Waiting inOrder(List<Waiting> some, long now) {
        return some.stream()
                .min(Comparator.comparingDouble((Waiting one) -> tenant(one.request.standing).work)
                        .thenComparingLong(one -> tenant(one.request.standing).since)
                        .thenComparingDouble(one -> flow(one.request.standing).work)
                        .thenComparingLong(one -> flow(one.request.standing).since)
                        .thenComparing(one -> one.request.targetAt == QueuedRequest.NO_TARGET)
                        .thenComparingLong(one -> late(one, now)
                                ? one.request.turnAt
                                : Math.min(one.request.turnAt, one.request.targetAt))
                        .thenComparingLong(one -> one.number))
                .orElse(null);
    }

    private static boolean late(Waiting one, long now) {
        return one.request.targetAt < now;
    }

    // ---- work

    void dispatched(Standing standing, Charge charge) {
        double seconds = charge.seconds();
        double prefillSeconds = charge.prefillSeconds();
        int priority = standing.priority();
        var flow = flow(standing);
        var tenant = tenant(standing);
        tenant.reached = Math.max(tenant.reached, flow.work);
        reached.merge(priority, tenant.work, Math::max);
        charge(standing, seconds - charge.laterSeconds());
        flow.inFlight++;
        tenant.inFlight++;
        tenant.prefill += (prefillSeconds - tenant.prefill) / 32;
        prefills.merge(priority, prefillSeconds / 32, (before, more) -> before + (prefillSeconds - before) / 32);
        var bands = waiting.stream().map(Waiting::priority).distinct().toList();
        int top = Math.max(priority, bands.stream().mapToInt(p -> p).max().orElse(priority));
        long unset = bands.stream().filter(p -> p < top && !isSet(p)).count();
        for (int band : bands) {
            double share = settings.band(band).minShare();
            if (!isSet(band)) {
                double rest = 1 - AdmissionSettings.promised(settings.bands());
                share = Math.min(share, Math.min(0.2, Math.max(0.05, rest)) / Math.max(1, unset));
            }
            if (band == priority) {
                if (isOwed(band)) {
                    owe(band, share * seconds - seconds);
                }
            } else if (band < top) {
                owe(band, share * seconds);
            }
        }
    }

    private void owe(int band, double seconds) {
        owed.merge(band, Math.min(5, seconds), (before, more) -> Math.min(5, before + more));
    }

    private boolean isSet(int priority) {
        return settings.bands().stream().anyMatch(band -> band.priority() == priority);
    }

    void ended(Standing standing, Charge charge, double seconds) {
        charge(standing, seconds - charge.seconds() + charge.laterSeconds());
        flow(standing).inFlight--;
        tenant(standing).inFlight--;
    }

    private void charge(Standing standing, double seconds) {
        flow(standing).charge(seconds);
        tenant(standing).charge(seconds / standing.weight());
    }
}
