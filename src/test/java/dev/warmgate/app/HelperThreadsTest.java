package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class HelperThreadsTest {
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void endThreads() {
        end.countDown();
    }

    @Test
    void onlyTheNamedThreadsStepBack() throws Exception {
        var helper = start("a-helper#0");
        var server = start("a-server#0");
        int usual = nice(server);

        HelperThreads.lower(OwnThreads.find().orElseThrow(), List.of("a-helper"));

        assertThat(nice(helper)).isEqualTo(HelperThreads.NICE);
        assertThat(nice(server)).isEqualTo(usual);
    }

    @Test
    void theCompilersOfThisMachineAreKnownByName() throws Exception {
        assertThat(thread(HelperThreads.COMPILERS.getFirst())).isDirectory();
    }

    @Test
    void compilersAndCollectorsStepBackInAProcessOfTheirOwn() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseZGC",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StepsBack.class.getName())
                .redirectErrorStream(true)
                .start();
        try (var lines = process.inputReader()) {
            assertThat(lines.readAllAsString().lines()).last().isEqualTo("all have stepped back");
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /** Says when the JVM's threads have stepped back. */
    static final class StepsBack {
        private StepsBack() {}

        public static void main(String[] args) {
            HelperThreads.stepBack();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> nice(thread("ZWorker")) == HelperThreads.NICE
                            && hasSteppedBack(thread("C1 Compiler"))
                            && hasSteppedBack(thread("C2 Compiler")));
            System.out.println("all have stepped back");
        }

        /** Field 41 of proc_pid_stat(5), of linux/sched.h's SCHED_IDLE; or a small share, where that is not allowed. */
        private static boolean hasSteppedBack(Path thread) throws IOException {
            return field(thread, 41) == 5 || nice(thread) == HelperThreads.NICE;
        }
    }

    private Path start(String name) throws Exception {
        var began = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name(name).start(() -> {
            began.countDown();
            awaitEnd();
        });
        began.await();
        return thread(name);
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path thread(String name) throws IOException {
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith(name)) {
                    return thread;
                }
            }
        }
        throw new AssertionError("no thread " + name);
    }

    private static int nice(Path thread) throws IOException {
        return field(thread, 19);
    }

    /** A field of proc_pid_stat(5); the name before them, in brackets, may hold anything. */
    private static int field(Path thread, int number) throws IOException {
        String stat = Files.readString(thread.resolve("stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[number - 3]);
    }
}
