package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Shares of the work in a closed loop: clients that always have requests waiting, and servers that take one at a time. */
class FairnessTest {
    private static final double TOLERANCE = 0.05;
    private static final int SERVERS = 4;

    /** Requests that one client has waiting at any time. */
    private static final int WAITING = 20;

    /** Sends requests without end. */
    private record Client(String name, Supplier<Standing> standing, Supplier<Double> seconds) {}

    /** Servers that work as long as a request takes, and take what is next as soon as they have done one. */
    private static final class Loop {
        private record Running(Client client, Request request, double until, double actual) {}

        final AdmissionQueue queue;
        final Map<String, Double> work = new HashMap<>();
        final List<Running> running = new ArrayList<>();
        final Map<QueuedRequest, Client> waiting = new HashMap<>();

        /** What requests really take, as a multiple of what was expected, by client. */
        final Map<String, Double> actual = new HashMap<>();

        double now;

        Loop(BandSettings... bands) {
            var whole = AdmissionSettings.DEFAULT;
            queue = new AdmissionQueue(
                    new AdmissionSettings(
                            true,
                            whole.maxWait(),
                            whole.maxRequests(),
                            whole.maxBytes(),
                            List.of(bands),
                            whole.maxRequestsPerFlow()),
                    SERVERS);
        }

        void begin(Client client) {
            for (int i = 0; i < WAITING; i++) {
                send(client);
            }
        }

        void send(Client client) {
            var standing = client.standing.get();
            var request = Request.of(queue, standing, client.seconds.get());
            queue.add(request, AdmissionQueue.ANY);
            waiting.put(request, client);
        }

        void stop(Client client) {
            waiting.entrySet().removeIf(entry -> {
                boolean its = entry.getValue().equals(client);
                if (its) {
                    queue.take(entry.getKey());
                }
                return its;
            });
        }

        /** Clients send a new request whenever one of theirs goes. */
        void run(double seconds) {
            double end = now + seconds;
            while (now < end) {
                while (running.size() < SERVERS) {
                    var next = queue.next(running.size(), _ -> true, _ -> true, 0);
                    if (next == null) {
                        break;
                    }
                    go((Request) next);
                }
                running.sort((a, b) -> Double.compare(a.until, b.until));
                var ended = running.removeFirst();
                now = ended.until;
                work.merge(ended.client.name, ended.actual, Double::sum);
                queue.ended(ended.request.flow(), charge(ended.request), ended.actual, -1);
            }
        }

        private void go(Request request) {
            queue.dispatched(request.flow(), charge(request), 0);
            queue.take(request);
            var client = Objects.requireNonNull(waiting.remove(request));
            double seconds = request.seconds() * actual.getOrDefault(client.name, 1.0);
            running.add(new Running(client, request, now + seconds, seconds));
            send(client);
        }

        double share(String name) {
            double sum = work.values().stream().mapToDouble(one -> one).sum();
            return work.getOrDefault(name, 0.0) / sum;
        }
    }

    private static Charge charge(QueuedRequest request) {
        return new Charge(request.seconds(), request.seconds(), 0);
    }

    private static Client client(String name, int priority, double weight, double seconds) {
        var standing = Request.standing(priority, name, name, weight);
        var random = new Random(name.hashCode());
        return new Client(name, () -> standing, () -> seconds * (0.5 + random.nextDouble()));
    }

    /**
     * Lets requests of four tenants go one after the other, three of which send such of a second, and returns the first one's
     * share of the second half of the work, in which all of its requests are late.
     */
    private static double shareOfLateOnes(double itsSeconds) {
        var queue = new Loop().queue;
        double itsWork = 0;
        double work = 0;
        for (int i = 0; i < 2_000; i++) {
            var late = Request.standing(0, "late", "late", 1);
            long target = i < 1_000 ? QueuedRequest.NO_TARGET : -1;
            queue.add(
                    new Request(
                            queue.flow(late),
                            late,
                            false,
                            itsSeconds,
                            1,
                            new QueuedRequest.Times(0, Long.MAX_VALUE / 4, target, 0)),
                    AdmissionQueue.ANY);
            for (int k = 1; k < 4; k++) {
                queue.add(Request.of(queue, Request.standing(0, "t" + k, "t" + k, 1), 1), AdmissionQueue.ANY);
            }
            while (i == 1_000 && isInTime(queue.flow(late).oldest)) {
                queue.take(Objects.requireNonNull(queue.flow(late).oldest));
            }
            var next = Objects.requireNonNull(queue.next(0, _ -> true, _ -> true, 0));
            queue.dispatched(next.flow(), charge(next), 0);
            queue.take(next);
            queue.ended(next.flow(), charge(next), next.seconds(), -1);
            if (i >= 1_000) {
                work += next.seconds();
                itsWork += next.flow().tenant().equals("late") ? next.seconds() : 0;
            }
        }
        return itsWork / work;
    }

    private static boolean isInTime(@Nullable QueuedRequest request) {
        return request instanceof Request one && one.targetAt == QueuedRequest.NO_TARGET;
    }

    @Test
    void whoSendsFewLongPromptsIsNotLeftBehindThoughAllAreLate() {
        assertThat(shareOfLateOnes(5)).isCloseTo(0.25, within(0.01));
    }

    @Test
    void amongEqualsWhoIsLateGoesLast() {
        assertThat(shareOfLateOnes(1)).isZero();
    }

    @Test
    void equalWeightsShareEquallyAlthoughOneSendsTenTimesLongerPrompts() {
        var loop = new Loop();
        loop.begin(client("long", 0, 1, 1.0));
        loop.begin(client("short", 0, 1, 0.1));
        loop.begin(client("short too", 0, 1, 0.1));
        loop.run(60);
        assertThat(loop.share("long")).isCloseTo(1.0 / 3, within(TOLERANCE / 3));
        assertThat(loop.share("short")).isCloseTo(1.0 / 3, within(TOLERANCE / 3));
    }

    @Test
    void weightsAreShares() {
        var loop = new Loop();
        loop.begin(client("one", 0, 1, 0.3));
        loop.begin(client("two", 0, 2, 0.1));
        loop.begin(client("four", 0, 4, 0.2));
        loop.run(60);
        assertThat(loop.share("one")).isCloseTo(1.0 / 7, within(TOLERANCE / 7));
        assertThat(loop.share("two")).isCloseTo(2.0 / 7, within(TOLERANCE * 2 / 7));
        assertThat(loop.share("four")).isCloseTo(4.0 / 7, within(TOLERANCE * 4 / 7));
    }

    @Test
    void fiftyFairnessIdsGetNoMoreThanOne() {
        var loop = new Loop();
        loop.begin(client("one", 0, 1, 0.2));
        for (int i = 0; i < 50; i++) {
            var standing = Request.standing(0, "many", "many/" + i, 1);
            loop.begin(new Client("many", () -> standing, () -> 0.2));
        }
        loop.run(60);
        assertThat(loop.share("one")).isCloseTo(0.5, within(TOLERANCE / 2));
    }

    @Test
    void aNewFairnessIdForEveryRequestGetsNoMoreThanOne() {
        var loop = new Loop();
        loop.begin(client("one", 0, 1, 0.2));
        int[] ids = {0};
        loop.begin(new Client("ever new", () -> Request.standing(0, "new", "new/" + ids[0]++, 1), () -> 0.2));
        // Already over a few seconds: who invents names does not go first either.
        loop.run(5);
        assertThat(loop.share("one")).isCloseTo(0.5, within(TOLERANCE));
        loop.run(55);
        assertThat(loop.share("one")).isCloseTo(0.5, within(TOLERANCE / 2));
    }

    @Test
    void flowsOfATenantShareItsWeight() {
        var loop = new Loop();
        for (int i = 0; i < 4; i++) {
            var standing = Request.standing(0, "front end", "front end/" + i, 3);
            double seconds = i == 0 ? 1 : 0.1;
            loop.begin(new Client("user " + i, () -> standing, () -> seconds));
        }
        loop.begin(client("other", 0, 1, 0.2));
        loop.run(100);
        assertThat(loop.share("other")).isCloseTo(0.25, within(TOLERANCE / 4));
        for (int i = 0; i < 4; i++) {
            assertThat(loop.share("user " + i)).isCloseTo(0.75 / 4, within(TOLERANCE / 4));
        }
    }

    @Test
    void lowerBandsGetTheirMinimumShareAndTheRestGoesToTheTop() {
        var loop = new Loop(band(7, 0.3), band(-10, 0.1));
        loop.begin(client("top", 100, 1, 0.2));
        loop.begin(client("middle", 7, 1, 1.0));
        loop.begin(client("unset", 0, 1, 0.1));
        loop.begin(client("batch", -10, 1, 2.0));
        loop.run(200);
        assertThat(loop.share("middle")).isCloseTo(0.3, within(0.3 * TOLERANCE));
        assertThat(loop.share("batch")).isCloseTo(0.1, within(0.1 * TOLERANCE));
        assertThat(loop.share("unset")).isCloseTo(0.05, within(0.05 * TOLERANCE));
        assertThat(loop.share("top")).isCloseTo(0.55, within(0.55 * TOLERANCE));
    }

    @Test
    void whoHasOneBigRequestWaitingAtATimeGetsNoMoreThanItsShare() {
        var loop = new Loop(band(-10, 0.1));
        loop.begin(client("top", 100, 1, 0.2));
        loop.send(client("batch", -10, 1, 4.0));
        loop.run(400);
        assertThat(loop.share("batch")).isCloseTo(0.1, within(0.1 * TOLERANCE));
    }

    @Test
    void inventingPrioritiesLeavesMostToTheTop() {
        var loop = new Loop();
        loop.begin(client("top", 1000, 1, 0.2));
        for (int priority = -1000; priority < 1000; priority += 5) {
            int of = priority;
            loop.send(new Client("low", () -> Request.standing(of, "low", "low", 1), () -> 0.2));
        }
        loop.run(200);
        // Each is owed something before the others have had theirs, so they get their first request a little early.
        assertThat(loop.share("top")).isGreaterThan(0.7);
        assertThat(loop.share("low")).isGreaterThan(0.15);
    }

    @Test
    void whoWasIdleSavedNothingUp() {
        var loop = new Loop();
        var idle = client("idle", 0, 1, 0.1);
        loop.begin(idle);
        loop.begin(client("busy", 0, 1, 0.1));
        loop.run(10);
        loop.stop(idle);
        loop.run(100);
        loop.work.clear();
        loop.begin(idle);
        loop.run(20);
        assertThat(loop.share("busy")).isCloseTo(0.5, within(TOLERANCE / 2));
    }

    @Test
    void whoUsedWhatNobodyElseWantedOwesNothing() {
        var loop = new Loop();
        loop.begin(client("early", 0, 1, 0.1));
        loop.run(100);
        loop.work.clear();
        loop.begin(client("late", 0, 1, 0.1));
        loop.run(20);
        assertThat(loop.share("early")).isCloseTo(0.5, within(TOLERANCE / 2));
    }

    @Test
    void whatWasReallyUsedCounts() {
        var loop = new Loop();
        loop.actual.put("more", 3.0);
        loop.actual.put("less", 0.25);
        loop.begin(client("more", 0, 1, 0.1));
        loop.begin(client("less", 0, 1, 0.1));
        loop.begin(client("as expected", 0, 1, 0.1));
        loop.run(60);
        for (var name : List.of("more", "less", "as expected")) {
            assertThat(loop.share(name)).as(name).isCloseTo(1.0 / 3, within(TOLERANCE / 3));
        }
    }

    @Test
    void betweenEqualsFirstComeFirstServed() {
        var queue = new AdmissionQueue(AdmissionSettings.DEFAULT, 1);
        var order = new ArrayDeque<Request>();
        for (int i = 0; i < 100; i++) {
            var request = Request.of(queue, Request.standing(0, "t" + i, "t" + i, 1), 1);
            queue.add(request, i % 2 - 1);
            order.add(request);
        }
        while (!order.isEmpty()) {
            var next = queue.next(0, _ -> true, _ -> true, 0);
            assertThat(next).isSameAs(order.remove());
            queue.dispatched(Objects.requireNonNull(next).flow(), charge(next), 0);
            queue.take(next);
        }
    }

    private static BandSettings band(int priority, double minShare) {
        var whole = AdmissionSettings.DEFAULT;
        return new BandSettings(priority, minShare, whole.maxRequests(), whole.maxBytes(), whole.maxWait());
    }
}
