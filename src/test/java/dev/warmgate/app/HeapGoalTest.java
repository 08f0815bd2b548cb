package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapGoalTest {
    private static final String CONFIG = """
            pools:
              - {name: a, indexBytes: 1GiB, endpoints: [{url: "http://127.0.0.1:1"}]}
              - {name: b, models: [m], indexBytes: 256MiB, endpoints: [{url: "http://127.0.0.1:2"}]}
            """;

    @TempDir
    Path folder;

    @Test
    void hasRoomForTheIndexes() throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), CONFIG);
        assertThat(HeapGoal.of(new ConfigLoader(Map.of()).load(file, Overrides.NONE)))
                .isEqualTo((512L << 20) + (2560L << 20));
    }

    @Test
    void leavesOtherCollectorsAndTheUsersOwnGoalAlone() throws Exception {
        assertThat(goal("-XX:+UseSerialGC")).isEqualTo(1L << 30);
        assertThat(goal("-XX:+UseZGC", "-XX:SoftMaxHeapSize=700m")).isEqualTo(700L << 20);
        assertThat(goal("-XX:+UseZGC")).isEqualTo(640L << 20);
    }

    /** Returns what the goal is in a process of its own with a heap of 1 GiB, after it was aimed at for one pool. */
    private static long goal(String... options) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(1, List.of(options));
        command.add(Aims.class.getName());
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var lines = process.inputReader()) {
            var last = lines.readAllAsString().lines().toList().getLast();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return Long.parseLong(last);
        }
    }

    /** Prints the goal after it was set. */
    static final class Aims {
        private Aims() {}

        public static void main(String[] args) throws Exception {
            var file = Files.createTempFile("gateway", ".yaml");
            Files.writeString(file, "pools: [{name: a, endpoints: [{url: \"http://127.0.0.1:1\"}]}]\n");
            HeapGoal.aim(new ConfigLoader(Map.of()).load(file, Overrides.NONE));
            Files.delete(file);
            System.out.println(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .getVMOption("SoftMaxHeapSize")
                    .getValue());
        }
    }
}
