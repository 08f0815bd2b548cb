package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.warmgate.router.admission.AdmissionQueue.Fit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random histories against {@link ReferenceQueue}. Work and weights are binary fractions, so that sums are exact. */
class AdmissionQueueModelTest {
    private static final int SEEDS = 300;
    private static final int STEPS = 400;
    private static final int ENDPOINTS = 3;
    private static final int[] PRIORITIES = {100, 7, 0, -1, -50};

    @Test
    void everyRequestGoesWhenTheRulesSay() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            new History(seed).run();
        }
    }

    @Test
    void soDoTheyInALongQueue() {
        for (long seed = 1; seed <= 3; seed++) {
            var history = new History(10_000 + seed);
            history.longQueue = true;
            history.run();
        }
    }

    private static final class History {
        final long seed;
        final Random random;
        final AdmissionSettings settings;
        final AdmissionQueue queue;
        final ReferenceQueue model;
        final Map<Request, Charge> inFlight = new HashMap<>();
        boolean longQueue;

        long now = -5_000;
        int closedBelow = Integer.MIN_VALUE;
        final boolean[] full = new boolean[PRIORITIES.length];

        /** A tenant that has to make way. */
        String hog = "";

        // Conservation.
        int added;
        int dispatched;
        int left;
        int shed;
        int expired;
        int inversions;
        String last = "";

        History(long seed) {
            this.seed = seed;
            random = new Random(seed);
            var bands = new ArrayList<BandSettings>();
            if (random.nextBoolean()) {
                bands.add(band(PRIORITIES[1 + random.nextInt(2)], 0.25));
            }
            if (random.nextBoolean()) {
                bands.add(band(PRIORITIES[3 + random.nextInt(2)], 0.125));
            }
            boolean roomy = random.nextInt(3) == 0;
            settings = new AdmissionSettings(
                    true,
                    Duration.ofSeconds(1),
                    roomy ? 1_000_000 : 20 + random.nextInt(40),
                    roomy ? 1L << 40 : 200 + random.nextInt(400),
                    bands,
                    roomy ? 1_000_000 : 6 + random.nextInt(20));
            queue = new AdmissionQueue(settings, ENDPOINTS);
            model = new ReferenceQueue(settings);
        }

        private BandSettings band(int priority, double minShare) {
            return new BandSettings(
                    priority, minShare, 5 + random.nextInt(40), 50 + random.nextInt(300), Duration.ofSeconds(1));
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step(random.nextInt(longQueue ? 12 : 15));
                compare();
            }
            while (!model.waiting.isEmpty()) {
                leave();
            }
            compare();
            List.copyOf(inFlight.keySet()).forEach(this::end);
            assertThat(queue.size()).as(this::toString).isZero();
            assertThat(queue.bytes()).as(this::toString).isZero();
            for (var band : queue.bands()) {
                assertThat(band.waiting + band.inFlight + band.waitingBytes)
                        .as(this::toString)
                        .isZero();
                assertThat(band.waitingSeconds).as(this::toString).isEqualTo(0.0);
                assertThat(band.active()).as(this::toString).isFalse();
                assertThat(band.flowsWaiting()).as(this::toString).isZero();
            }
            assertThat(inversions).as(this::toString).isZero();
            assertThat(added).as(this::toString).isEqualTo(dispatched + left + shed + expired);
        }

        private void step(int which) {
            now += random.nextInt(4);
            switch (which) {
                case 0, 1, 2, 3, 4 -> arrive();
                case 5, 6 -> offer();
                case 7 -> move();
                case 8 -> leaveSometimes();
                case 9 -> closedBelow = random.nextInt(3) > 0 ? Integer.MIN_VALUE : PRIORITIES[random.nextInt(5)];
                case 10 -> full[random.nextInt(full.length)] = random.nextInt(3) == 0;
                case 11 -> hog = random.nextInt(3) > 0 ? "" : "t" + random.nextInt(4);
                case 12 -> offer();
                case 13 -> inFlight.keySet().stream().findAny().ifPresent(this::end);
                default -> expire();
            }
        }

        // ---- what happens

        private void arrive() {
            int tenant = random.nextInt(4);
            String name = "t" + tenant;
            String flow = tenant < 2 ? name : name + "/" + random.nextInt(3);
            var standing = Request.standing(PRIORITIES[random.nextInt(5)], name, flow, 0.5 * (1 << tenant));
            long target = random.nextInt(3) > 0 ? QueuedRequest.NO_TARGET : now + random.nextInt(300) - 20;
            var request = new Request(
                    queue.flow(standing),
                    standing,
                    random.nextBoolean(),
                    (1 + random.nextInt(200)) / 64.0,
                    1 + random.nextInt(random.nextInt(10) == 0 ? 100 : 10),
                    new QueuedRequest.Times(now, now + random.nextInt(2_000), target, now + random.nextInt(300)));
            int slot = random.nextInt(ENDPOINTS);
            var band = request.flow().band();
            boolean room = roomFor(standing);
            boolean clear = queue.clear(band, slot, gate(), room(), now);
            boolean anyBefore = model.waiting.stream()
                    .anyMatch(one -> mayGo(one, slot)
                            && (one.priority() >= standing.priority() || model.isOwed(one.priority())));
            assertThat(clear).as(this::toString).isEqualTo(!anyBefore);
            last = "arrive " + standing.priority() + " " + standing.flow();
            if (clear && room) {
                dispatch(request);
                return;
            }
            var victims = new ArrayList<QueuedRequest>();
            var fit = queue.makeRoom(request.flow(), request.bytes(), victims);
            assertThat(fit).as(this::toString).isEqualTo(model.fit(standing, request.bytes()));
            if (fit != Fit.FITS) {
                assertThat(victims).as("shed in vain").isEmpty();
                return;
            }
            for (var victim : victims) {
                var entry = model.of((Request) victim);
                assertThat(model.mayBeShed(entry, standing)).as(this::toString).isTrue();
                assertThat(queue.holds(victim)).as(this::toString).isFalse();
                model.take((Request) victim);
                shed++;
            }
            int place = random.nextInt(4) == 0 ? AdmissionQueue.ANY : slot;
            queue.add(request, place);
            model.add(request, place);
            added++;
            var limits = settings.band(standing.priority());
            assertThat(band.waiting()).as(this::toString).isLessThanOrEqualTo(limits.maxRequests());
            assertThat(band.waitingBytes()).as(this::toString).isLessThanOrEqualTo(limits.maxBytes());
            assertThat((long) queue.size()).as(this::toString).isLessThanOrEqualTo(settings.maxRequests());
            assertThat(queue.bytes()).as(this::toString).isLessThanOrEqualTo(settings.maxBytes());
        }

        private void offer() {
            int slot = random.nextInt(ENDPOINTS);
            var next = (Request) queue.next(slot, gate(), room(), now);
            assertThat(next).as(this::toString).isSameAs(model.next(slot, this::isOpen, this::roomFor, now));
            last = "offer " + slot;
            if (next != null) {
                // An inversion: one of higher priority could go there now, and the band of this one is owed nothing.
                int priority = next.standing.priority();
                if (!model.isOwed(priority)
                        && model.waiting.stream().anyMatch(one -> one.priority() > priority && mayGo(one, slot))) {
                    inversions++;
                }
                dispatch(next);
                queue.take(next);
                model.take(next);
                dispatched++;
            }
        }

        private void dispatch(Request request) {
            var charge = new Charge(request.seconds(), request.seconds(), request.seconds() * random.nextInt(3) / 4);
            queue.dispatched(request.flow(), charge, now);
            model.dispatched(request.standing, charge);
            inFlight.put(request, charge);
        }

        private void end(Request request) {
            double correction = request.seconds() * (random.nextInt(9) - 4) / 4;
            var charge = Objects.requireNonNull(inFlight.get(request));
            queue.ended(request.flow(), charge, charge.seconds() + correction, random.nextInt(500) - 1);
            model.ended(request.standing, charge, charge.seconds() + correction);
            inFlight.remove(request);
            last = "end";
        }

        private void move() {
            if (!model.waiting.isEmpty()) {
                var one = model.waiting.get(random.nextInt(model.waiting.size()));
                one.slot = random.nextInt(ENDPOINTS + 2) - 2;
                queue.move(one.request, one.slot);
                last = "move";
            }
        }

        private void leaveSometimes() {
            if (!longQueue || random.nextInt(5) == 0) {
                leave();
            }
        }

        private void leave() {
            if (!model.waiting.isEmpty()) {
                var request = model.waiting.get(random.nextInt(model.waiting.size())).request;
                queue.take(request);
                model.take(request);
                left++;
                last = "leave";
            }
        }

        private void expire() {
            for (var request = queue.expired(now); request != null; request = queue.expired(now)) {
                assertThat(request.expiresAt()).as(this::toString).isLessThanOrEqualTo(now);
                queue.take(request);
                model.take((Request) request);
                expired++;
            }
            assertThat(model.count(one -> one.request.expiresAt() <= now))
                    .as(this::toString)
                    .isZero();
            last = "expire";
        }

        // ---- what is asked

        private AdmissionQueue.Gate gate() {
            return band -> isOpen(band.priority());
        }

        private boolean isOpen(int priority) {
            return priority > closedBelow;
        }

        private boolean mayGo(ReferenceQueue.Waiting one, int slot) {
            return model.mayGo(one, slot, this::isOpen) && roomFor(one.request.standing);
        }

        private AdmissionQueue.Room room() {
            return new AdmissionQueue.Room() {
                @Override
                public boolean isFor(Flow flow) {
                    return maySuit(flow.band()) && !flow.tenant().equals(hog);
                }

                @Override
                public boolean maySuit(Band band) {
                    return hasRoom(band.priority());
                }
            };
        }

        private boolean roomFor(Standing standing) {
            return hasRoom(standing.priority()) && !standing.tenant().equals(hog);
        }

        private boolean hasRoom(int priority) {
            for (int i = 0; i < PRIORITIES.length; i++) {
                if (PRIORITIES[i] == priority) {
                    return !full[i];
                }
            }
            throw new AssertionError(priority);
        }

        private void compare() {
            check("waiting", queue.size(), model.waiting.size());
            check("bytes", queue.bytes(), model.bytes(_ -> true));
            for (int slot = 0; slot < ENDPOINTS; slot++) {
                int here = slot;
                check("parked", queue.parked(slot), model.count(one -> one.slot == here));
            }
            for (var band : queue.bands()) {
                int here = band.priority();
                check("waiting in a band", band.waiting(), model.count(one -> one.priority() == here));
                check("bytes of a band", band.waitingBytes(), model.bytes(one -> one.priority() == here));
                check("owed", band.isOwed() ? 1 : 0, model.isOwed(here) ? 1 : 0);
            }
            for (var one : model.waiting) {
                var flow = one.request.flow();
                var account = model.flow(one.request.standing);
                check("work of a flow", flow.received.work(), account.work);
                check("in flight", flow.inFlight(), account.inFlight);
                check("work of a tenant", flow.share().received.work(), model.tenant(one.request.standing).work);
            }
        }

        /** Without AssertJ's words: this is asked millions of times. */
        private void check(String what, long actual, long expected) {
            if (actual != expected) {
                fail("%s: %s: %d (expected: %d)", this, what, actual, expected);
            }
        }

        private void check(String what, double actual, double expected) {
            if (actual != expected) {
                fail("%s: %s: %s (expected: %s)", this, what, actual, expected);
            }
        }

        @Override
        public String toString() {
            return "seed " + seed + ", last: " + Objects.requireNonNull(last);
        }
    }
}
