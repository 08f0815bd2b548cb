package dev.warmgate.app;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Linux knows of this process's threads, and how it shares cores among them; sched(7). Immutable, any thread. */
final class OwnThreads {
    /** What calls take for the thread that makes them. */
    static final int THIS = 0;

    private static final Logger LOG = LoggerFactory.getLogger(OwnThreads.class);
    private static final Path THREADS = Path.of("/proc/self/task");

    /** {@code PRIO_PROCESS} of sys/resource.h, which on Linux means one thread. */
    private static final int ONE_THREAD = 0;

    private final MethodHandle setPriority = function("setpriority", ValueLayout.JAVA_INT);
    private final MethodHandle setScheduler = function("sched_setscheduler", ValueLayout.ADDRESS);

    /** {@code struct sched_param}: a priority among real-time threads, of which there are none here. */
    private final MemorySegment parameters = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    private OwnThreads() {}

    /** Returns them where there is Linux, and its functions may be called. */
    static Optional<OwnThreads> find() {
        try {
            return Files.isDirectory(THREADS) ? Optional.of(new OwnThreads()) : Optional.empty();
        } catch (UnsupportedOperationException | NoSuchElementException | IllegalCallerException e) {
            LOG.debug("threads stay as they are", e);
            return Optional.empty();
        }
    }

    /** When a thread gets a core. */
    enum Policy {
        /** Its share, by its nice value. */
        SHARE(0),

        /** What nobody else wants; who wakes up while it runs gets the core at once. */
        IDLE(5);

        private final int number;

        Policy(int number) {
            this.number = number;
        }
    }

    /**
     * What a thread does and has done.
     *
     * @param ready whether it runs or would, if it got a core
     * @param ticks how long it has run, in the unit of /proc's times: hundredths of a second on every Linux
     */
    record Use(boolean ready, long ticks) {}

    /** Returns the ids of the threads whose names begin with one of these. */
    Set<Integer> named(List<String> names) throws IOException {
        var found = new HashSet<Integer>();
        try (var threads = Files.newDirectoryStream(THREADS)) {
            for (var thread : threads) {
                String name = read(thread.resolve("comm"));
                if (names.stream().anyMatch(name::startsWith)) {
                    found.add(Integer.parseInt(thread.getFileName().toString()));
                }
            }
        }
        return found;
    }

    /** Returns what these threads do and have done, but for those that have ended. */
    Map<Integer, Use> uses(Set<Integer> threads) throws IOException {
        var uses = new HashMap<Integer, Use>();
        for (int thread : threads) {
            String stat = read(THREADS.resolve(thread + "/stat"));
            if (!stat.isEmpty()) {
                // The name, in brackets, may hold anything; behind it fields 3 and up of proc_pid_stat(5).
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 14);
                long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                uses.put(thread, new Use(fields[0].equals("R"), ticks));
            }
        }
        return uses;
    }

    /** Returns what is in a file of a thread; nothing if that has just ended. */
    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException _) {
            return "";
        }
    }

    /** Sets a thread's nice value, and returns whether that was allowed. */
    boolean nice(int thread, int nice) {
        try {
            return (int) setPriority.invokeExact(ONE_THREAD, thread, nice) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // C functions throw nothing
        }
    }

    /** Sets when a thread gets a core, and returns whether that was allowed. Its nice value stays for its share. */
    boolean policy(int thread, Policy policy) {
        try {
            return (int) setScheduler.invokeExact(thread, policy.number, parameters) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // C functions throw nothing
        }
    }

    /** Returns {@code int name(int, int, last)}. */
    @SuppressWarnings("restricted") // two calls that change no memory
    private static MethodHandle function(String name, ValueLayout last) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, last));
    }
}
