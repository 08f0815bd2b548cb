package dev.warmgate.app;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JVM's own threads step back behind those that serve. Where cores are few, a compiler or a collector that has
 * just got one keeps it for some milliseconds, and all that comes meanwhile waits. Linux only; elsewhere nothing happens.
 * Any thread.
 */
final class HelperThreads {
    /**
     * How threads begin that work in the background; those in whose work everybody stops are not among them. Threads that
     * are started by one of them later are like it.
     */
    static final List<String> NAMES = List.of("C1 Compiler", "C2 Compiler", "ZWorker", "G1 Conc");

    /** A quarter of a core that a serving thread wants as well, by the kernel's weights of 335 and 1024; sched(7). */
    static final int NICE = 5;

    private static final Logger LOG = LoggerFactory.getLogger(HelperThreads.class);
    private static final Path THREADS = Path.of("/proc/self/task");

    /** {@code PRIO_PROCESS} of sys/resource.h, which on Linux means one thread. */
    private static final int ONE_THREAD = 0;

    private HelperThreads() {}

    /** Lowers the priority of threads whose names begin so; what is not allowed here stays as it is. */
    static void stepBack(List<String> names) {
        if (!Files.isDirectory(THREADS)) {
            return;
        }
        int lowered = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            var setPriority = setPriority();
            for (var thread : threads) {
                int id = Integer.parseInt(thread.getFileName().toString());
                if (names.stream().anyMatch(name(thread)::startsWith)
                        && (int) setPriority.invokeExact(ONE_THREAD, id, NICE) == 0) {
                    lowered++;
                }
            }
        } catch (Throwable e) { // of the native call: anything
            LOG.debug("the JVM's own threads keep their priority", e);
        }
        LOG.debug("{} threads of the JVM have stepped back", lowered);
    }

    private static String name(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (NoSuchFileException _) {
            return ""; // it has just ended
        }
    }

    /** {@code int setpriority(int which, id_t who, int priority)}; setpriority(2). */
    @SuppressWarnings("restricted") // one call that touches no memory
    private static MethodHandle setPriority() {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("setpriority"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }
}
