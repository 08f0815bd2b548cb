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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What Linux knows of this process's threads, and how it shares cores among them; sched(7). Immutable, any thread. */
final class OwnThreads {
    /** What calls take for the thread that makes them. */
    static final int THIS = 0;

    private static final Path THREADS = Path.of("/proc/self/task");

    /** {@code PRIO_PROCESS} of sys/resource.h, which on Linux means one thread. */
    private static final int ONE_THREAD = 0;

    private final MethodHandle setPriority = function("setpriority", ValueLayout.JAVA_INT);
    private final MethodHandle setScheduler = function("sched_setscheduler", ValueLayout.ADDRESS);

    /** {@code struct sched_param}: a priority among real-time threads, of which there are none here. */
    private final MemorySegment parameters = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    private OwnThreads() {}

    /** Returns them where there is Linux. */
    static Optional<OwnThreads> find() {
        return Files.isDirectory(THREADS) ? Optional.of(new OwnThreads()) : Optional.empty();
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

    /** Returns the threads whose names begin with one of these, by their ids. */
    Map<Integer, Use> named(List<String> names) throws IOException {
        var found = new HashMap<Integer, Use>();
        try (var threads = Files.newDirectoryStream(THREADS)) {
            for (var thread : threads) {
                String stat = read(thread.resolve("stat"));
                // The name, in brackets, may hold anything; behind it fields 3 and up of proc_pid_stat(5).
                String name = stat.substring(stat.indexOf('(') + 1);
                if (names.stream().anyMatch(name::startsWith)) {
                    String[] fields = name.substring(name.lastIndexOf(')') + 2).split(" ", 14);
                    found.put(
                            Integer.parseInt(thread.getFileName().toString()),
                            new Use(fields[0].equals("R"), Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
                }
            }
        }
        return found;
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException _) {
            return ""; // it has just ended
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
