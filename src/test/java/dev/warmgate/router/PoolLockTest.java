package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolLockTest {
    private final PoolLock lock = new PoolLock(new PoolLock.Keeper() {
        @Override
        public void book(Reservation reservation, @Nullable Usage usage, long at) {
            // Nothing is reported here.
        }

        @Override
        public boolean offerRoom() {
            return false;
        }
    });

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
