package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.warmgate.app.OwnThreads.Policy;
import dev.warmgate.app.OwnThreads.Use;
import dev.warmgate.app.SpareTime.Portion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class SpareTimeTest {
    private static final int COMPILER = 7;
    private static final List<String> NAMES = List.of("a-compiler");

    private final OwnThreads threads = OwnThreads.find().orElseThrow();
    private final SpareTime spareTime = new SpareTime(threads, NAMES);

    @Test
    void isEnoughForWhoeverSleepsOrRuns() {
        long ticks = 100;
        for (boolean ready : List.of(false, true, false, true)) { // it woke up just before the look
            assertThat(next(ready, ticks)).isEqualTo(Portion.SPARE_TIME);
        }
        for (int i = 0; i < 5; i++) {
            ticks += SpareTime.LEAST_TICKS;
            assertThat(next(true, ticks)).isEqualTo(Portion.SPARE_TIME);
        }
    }

    @Test
    void endsForAWhileForWhoeverHardlyRuns() {
        next(true, 100);
        for (int i = 0; i < SpareTime.LOOKS_WITH_SHARES; i++) {
            assertThat(next(true, 100 + SpareTime.LEAST_TICKS - 1)).isEqualTo(Portion.LARGE_SHARE);
        }
        assertThat(next(false, 200)).isEqualTo(Portion.SPARE_TIME);
    }

    @Test
    void isTriedAgainWhereTheyStillWait() {
        next(true, 100);
        int shares = 0;
        for (int i = 0; i < 2 * (SpareTime.LOOKS_WITH_SHARES + 1); i++) {
            shares += next(true, 100) == Portion.SPARE_TIME ? 0 : 1;
        }
        assertThat(shares).isEqualTo(2 * SpareTime.LOOKS_WITH_SHARES);
    }

    @Test
    void sharesAreSmallOnceMostIsCompiled() {
        for (int i = 0; i < SpareTime.FIRST_LOOKS; i++) {
            next(false, 100);
        }
        next(true, 100);
        assertThat(next(true, 100)).isEqualTo(Portion.SMALL_SHARE);
    }

    @Test
    void isWhatThreadsGetUntilItEnds() throws Exception {
        var end = new CountDownLatch(1);
        try {
            start("a-compiler#0", end);
            start("a-server#0", end);
            assumeThat(threads.policy(id("a-server"), Policy.IDLE)).isTrue();
            assumeThat(threads.policy(id("a-server"), Policy.SHARE))
                    .as("allowed to give a share back")
                    .isTrue();

            spareTime.look();
            assertThat(policy("a-compiler")).isEqualTo(5); // SCHED_IDLE of linux/sched.h
            assertThat(policy("a-server")).isZero(); // SCHED_OTHER

            spareTime.close();
            assertThat(policy("a-compiler")).isZero();
        } finally {
            end.countDown();
        }
    }

    private Portion next(boolean ready, long ticks) {
        return spareTime.next(Map.of(COMPILER, new Use(ready, ticks)));
    }

    private static void start(String name, CountDownLatch end) throws Exception {
        var began = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name(name).start(() -> {
            began.countDown();
            try {
                end.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        began.await();
    }

    private int id(String name) throws Exception {
        return threads.named(List.of(name)).iterator().next();
    }

    /** Field 41 of proc_pid_stat(5). */
    private int policy(String name) throws Exception {
        String stat = Files.readString(Path.of("/proc/self/task", Integer.toString(id(name)), "stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[38]);
    }
}
