package dev.warmgate.router.quota;

import static dev.warmgate.router.quota.Clocks.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.quota.QuotaAccounts.Booking;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The edges of limits per minute, one account by itself. */
class MinuteAccountTest {
    private final Clocks clocks = new Clocks();
    private final QuotaAccounts accounts;

    MinuteAccountTest() {
        var store = clocks.store();
        var limit = List.of(new QuotaLimit(ACME, QuotaKind.TOKENS_PER_MINUTE, 1_000));
        store.configure(limit);
        accounts = store.accounts(limit);
    }

    private QuotaHold book(long amount) {
        return ((Booking.Booked) accounts.reserve(new long[] {amount})).hold();
    }

    private boolean hasRoom(long amount) {
        return switch (accounts.reserve(new long[] {amount})) {
            case Booking.Booked(var hold) -> hold.settle(new long[] {0});
            case Booking.Refused _ -> false;
        };
    }

    private QuotaState state() {
        return accounts.states().getFirst();
    }

    /** A refund that gave back what had already come back would let 1,500 through at once here. */
    @Test
    void aRefundGivesNothingTwice() {
        var first = book(500);
        book(500).settle(new long[] {500});
        clocks.advance(Duration.ofSeconds(30));
        assertThat(hasRoom(500)).isTrue();
        assertThat(hasRoom(501)).isFalse();
        book(500).settle(new long[] {500});
        first.settle(new long[] {0});
        assertThat(hasRoom(500)).isTrue();
        assertThat(hasRoom(501)).isFalse();
    }

    @Test
    void whatIsHeldForAMinuteCountsAsUsed() {
        var silent = book(800);
        clocks.advance(Duration.ofSeconds(59));
        assertThat(state().held()).isEqualTo(800);
        // After 60 s it is counted, and from then on comes back.
        clocks.advance(Duration.ofSeconds(1));
        assertThat(state().held()).isZero();
        assertThat(state().used()).isEqualTo(800);
        clocks.advance(Duration.ofSeconds(30));
        assertThat(state().used()).isEqualTo(300);
        silent.settle(new long[] {100});
        assertThat(state().used()).isEqualTo(300);
        assertThat(state().settledTotal()).isEqualTo(100);
        assertThat(state().refundedTotal()).isEqualTo(700);
    }

    @Test
    void itIsCountedAtItsTimeThoughNobodyLooked() {
        var silent = book(800);
        clocks.advance(Duration.ofHours(3));
        assertThat(state().used()).isZero();
        assertThat(state().held()).isZero();
        silent.settle(new long[] {900});
        assertThat(state().used()).isEqualTo(100);
    }

    @Test
    void progressCountsAndHoldsTheRestAnew() {
        var hold = book(600);
        clocks.advance(Duration.ofSeconds(40));
        assertThat(hold.grow(new long[] {500}, new long[] {700})).isNull();
        assertThat(state().used()).isEqualTo(500);
        assertThat(state().held()).isEqualTo(200);
        clocks.advance(Duration.ofSeconds(40));
        assertThat(state().used()).isZero();
        assertThat(state().held()).isEqualTo(200);
        hold.settle(new long[] {550});
        assertThat(state().used()).isEqualTo(50);
        assertThat(state().held()).isZero();
        assertThat(hold.grow(new long[] {550}, new long[] {900})).isNull();
        assertThat(state().held()).isZero();
    }

    /** Parts of a unit that come back are not lost, however often the account is looked at. */
    @Test
    void lookingOftenDoesNotChangeTheRate() {
        book(1_000).settle(new long[] {1_000});
        for (int i = 0; i < 3_000; i++) {
            clocks.advance(Duration.ofNanos(10_000_001));
            state();
        }
        assertThat(state().used()).isBetween(499.0, 500.0);
    }
}
