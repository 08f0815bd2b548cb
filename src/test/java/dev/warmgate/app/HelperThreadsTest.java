package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

        HelperThreads.stepBack(List.of("a-helper"));

        assertThat(nice(helper)).isEqualTo(HelperThreads.NICE);
        assertThat(nice(server)).isEqualTo(usual);
    }

    @Test
    void theCompilersOfThisMachineAreKnownByName() throws Exception {
        assertThat(thread(HelperThreads.NAMES.getFirst())).isDirectory();
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

    /** Field 19 of proc_pid_stat(5); the name before it, in brackets, may hold anything. */
    private static int nice(Path thread) throws IOException {
        String stat = Files.readString(thread.resolve("stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }
}
