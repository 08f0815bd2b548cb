package dev.warmgate.router.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.quota.QuotaAccounts.Booking;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random requests on the store in memory and on a {@link ModelStore}: the same are refused, and all levels agree. */
class QuotaModelTest {
    private static final QuotaScope A = new QuotaScope.OfTenant("a");
    private static final QuotaScope B = new QuotaScope.OfTenant("b");
    private static final QuotaScope M = new QuotaScope.OfModel("m");
    private static final QuotaScope AM = new QuotaScope.OfTenantAndModel("a", "m");

    private static final List<QuotaLimit> LIMITS = List.of(
            new QuotaLimit(A, QuotaKind.TOKENS_PER_MINUTE, 1_000),
            new QuotaLimit(A, QuotaKind.REQUESTS_PER_MINUTE, 97),
            new QuotaLimit(A, QuotaKind.CONCURRENT_REQUESTS, 40),
            new QuotaLimit(A, QuotaKind.TOKENS_PER_DAY, 60_000),
            new QuotaLimit(B, QuotaKind.TOKENS_PER_MINUTE, 777),
            new QuotaLimit(M, QuotaKind.TOKENS_PER_MINUTE, 1_300),
            new QuotaLimit(M, QuotaKind.TOKENS_PER_DAY, 100_000),
            new QuotaLimit(AM, QuotaKind.TOKENS_PER_MINUTE, 650));

    /** The limits of each sort of request, by their place in {@link #LIMITS}. */
    private static final int[][] SORTS = {{0, 1, 2, 3, 5, 6, 7}, {4, 5, 6}, {0, 1, 2, 3}, {4}};

    /** The same request on both. */
    private static final class Pair {
        private final int sort;
        private final QuotaHold hold;
        private final ModelStore.Reserved model;
        private final long[] used = new long[LIMITS.size()];

        Pair(int sort, QuotaHold hold, ModelStore.Reserved model) {
            this.sort = sort;
            this.hold = hold;
            this.model = model;
        }
    }

    private final Clocks clocks = new Clocks();
    private final InMemoryQuotaStore store = clocks.store();
    private final ModelStore model = new ModelStore(LIMITS, clocks.millis());
    private final List<QuotaAccounts> accounts = new ArrayList<>();
    private final List<Pair> open = new ArrayList<>();
    private int granted;
    private int refused;

    @Test
    void agreesWithTheModel() {
        long seed = 4_711;
        var random = new Random(seed);
        store.configure(LIMITS);
        for (int[] sort : SORTS) {
            var limits = new ArrayList<QuotaLimit>();
            for (int i : sort) {
                limits.add(LIMITS.get(i));
            }
            accounts.add(store.accounts(limits));
        }
        for (int step = 0; step < 60_000; step++) {
            String where = "seed " + seed + ", step " + step;
            act(random, where);
            if (step % 50 == 0) {
                compare(where);
            }
        }
        while (!open.isEmpty()) {
            settle(open.removeLast(), random);
        }
        compare("seed " + seed + ", end");
        for (var state : store.states()) {
            assertThat(state.held()).as("seed %s: %s", seed, state).isZero();
            assertThat(state.reservedTotal())
                    .as("seed %s: %s", seed, state)
                    .isEqualTo(state.settledTotal() + state.refundedTotal());
        }
        assertThat(granted).isGreaterThan(5_000);
        assertThat(refused).isGreaterThan(1_000);
    }

    private void act(Random random, String where) {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> reserve(random, where);
            case 4, 5 -> grow(random, where);
            case 6, 7 -> {
                if (!open.isEmpty()) {
                    settle(open.remove(random.nextInt(open.size())), random);
                }
            }
            default -> advance(random);
        }
    }

    private void advance(Random random) {
        long nanos = random.nextInt(500) == 0
                ? random.nextLong(20 * 3_600_000_000_000L)
                : random.nextInt(20) == 0 ? random.nextLong(40_000_000_000L) : random.nextLong(1_500_000_000L);
        clocks.advance(Duration.ofNanos(nanos));
        model.advance(nanos);
        // The model's calendar counts whole milliseconds of its own clock.
        clocks.set(Instant.ofEpochMilli(model.millis()).toString());
    }

    private void reserve(Random random, String where) {
        int sort = random.nextInt(SORTS.length);
        var all = new long[LIMITS.size()];
        for (int i : SORTS[sort]) {
            all[i] = LIMITS.get(i).kind().countsTokens() ? random.nextInt(200) : 1;
        }
        boolean fits = model.fits(all);
        switch (accounts.get(sort).reserve(of(sort, all))) {
            case Booking.Booked(var hold) -> {
                assertThat(fits).as(where).isTrue();
                open.add(new Pair(sort, hold, model.reserve(all)));
                granted++;
            }
            case Booking.Refused(var refusal) -> {
                assertThat(fits).as("%s: %s", where, refusal).isFalse();
                refused++;
            }
        }
    }

    private void grow(Random random, String where) {
        if (open.isEmpty()) {
            return;
        }
        var pair = open.get(random.nextInt(open.size()));
        var total = new long[LIMITS.size()];
        var more = new long[LIMITS.size()];
        for (int i : SORTS[pair.sort]) {
            more[i] = LIMITS.get(i).kind().countsTokens() ? random.nextInt(100) : 0;
            total[i] = pair.model.booked(i) + more[i];
            pair.used[i] = Math.max(pair.used[i], random.nextLong(total[i] + 1));
        }
        boolean fits = model.fits(more);
        var refusal = pair.hold.grow(of(pair.sort, pair.used), of(pair.sort, total));
        assertThat(refusal == null).as(where).isEqualTo(fits);
        if (fits) {
            model.grow(pair.model, pair.used, total);
        }
    }

    private void settle(Pair pair, Random random) {
        var really = new long[LIMITS.size()];
        boolean cancel = random.nextInt(4) == 0;
        for (int i : SORTS[pair.sort]) {
            really[i] =
                    cancel ? 0 : LIMITS.get(i).kind().countsTokens() ? random.nextLong(pair.model.booked(i) + 9) : 1;
        }
        assertThat(pair.hold.settle(of(pair.sort, really))).isTrue();
        assertThat(pair.hold.settle(of(pair.sort, really))).isFalse();
        model.settle(pair.model, really);
    }

    private void compare(String where) {
        for (var state : store.states()) {
            int i = LIMITS.indexOf(state.limit());
            assertThat(state.held()).as("%s: held of %s", where, state).isEqualTo((double) model.held(i));
            assertThat(state.used()).as("%s: used of %s", where, state).isCloseTo(model.used(i), within(1.0));
            assertThat(state.remaining()).as("%s: %s", where, state).isNotNegative();
        }
    }

    private static long[] of(int sort, long[] all) {
        var some = new long[SORTS[sort].length];
        for (int i = 0; i < some.length; i++) {
            some[i] = all[SORTS[sort][i]];
        }
        return some;
    }
}
