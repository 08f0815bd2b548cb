package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeapGoalTest {
    @Test
    void isWhatIsLeftAndRoomForWhatComes() {
        assertThat(HeapGoal.of(0, 0)).isEqualTo(128L << 20);
        assertThat(HeapGoal.of(400L << 20, 20 << 20)).isEqualTo(700L << 20);
        assertThat(HeapGoal.of(400L << 20, 1 << 30)).isEqualTo((500L << 20) + HeapGoal.MOST_ROOM_BYTES);
    }

    @Test
    void leavesOtherCollectorsAndTheUsersOwnGoalAlone() throws Exception {
        assertThat(goal(0, "-XX:+UseSerialGC")).isEqualTo(1L << 30);
        assertThat(goal(0, "-XX:+UseZGC", "-XX:SoftMaxHeapSize=700m")).isEqualTo(700L << 20);
    }

    @Test
    void followsWhatLives() throws Exception {
        long goal = goal(10, "-XX:+UseZGC");
        assertThat(goal).isBetween(HeapGoal.of(Aims.KEPT, 0), HeapGoal.of(Aims.KEPT, 0) + HeapGoal.MOST_ROOM_BYTES);
    }

    /** Returns what the goal is in the end in a process of its own with a heap of 1 GiB, of which it keeps a part. */
    private static long goal(int waitSeconds, String... options) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(1, List.of(options));
        command.add(Aims.class.getName());
        command.add(Integer.toString(waitSeconds));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var lines = process.inputReader()) {
            var last = lines.readAllAsString().lines().toList().getLast();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return Long.parseLong(last);
        }
    }

    /** Prints the goal once something is kept and was seen by a collection. */
    static final class Aims {
        static final int KEPT = 200 << 20;

        private Aims() {}

        public static void main(String[] args) throws Exception {
            HeapGoal.aim();
            long first = goal();
            byte[] kept = new byte[KEPT];
            System.gc();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.parseInt(args[0]));
            try {
                while (goal() == first && System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
            } finally {
                Reference.reachabilityFence(kept);
            }
            System.out.println(goal());
        }

        private static long goal() {
            return Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .getVMOption("SoftMaxHeapSize")
                    .getValue());
        }
    }
}
