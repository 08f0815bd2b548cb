package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolLockTest {
    private int toOffer;
    private final PoolLock lock = new PoolLock(new PoolLock.Keeper() {
        @Override
        public void book(Reservation reservation, @Nullable Usage usage, long at) {
            // Nothing is reported here.
        }

        @Override
        public boolean offerRoom() {
            return toOffer > 0 && --toOffer > 0;
        }
    });

    @Test
    void whoComesForSomethingOfItsOwnOffersALittleRoomAndTheClockTheRest() {
        toOffer = 1_000;
        lock.enter();
        lock.leave();
        assertThat(toOffer).isBetween(900, 999);
        boolean _ = lock.locked(() -> true);
        assertThat(toOffer).isZero();
    }

    @Test
    void whoIsToldMayComeBackAtOnceHoweverManyFollow() {
        int many = 100_000;
        var told = new AtomicInteger();
        comeBack(told, many);
        assertThat(told).hasValue(many);
    }

    private void comeBack(AtomicInteger told, int many) {
        boolean _ = lock.locked(() -> {
            if (told.get() < many) {
                lock.tell(() -> {
                    told.incrementAndGet();
                    comeBack(told, many);
                });
            }
            return true;
        });
    }
}
