package dev.warmgate.benchmarks.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process under test, its children included, on one processor core. Any thread. */
final class Server implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** {@code getconf CLK_TCK}: the unit of /proc's times on every Linux. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private final Process process;

    private Server(Process process) {
        this.process = process;
    }

    /**
     * Starts a server and waits until it accepts connections.
     *
     * @param environment variables that it gets besides ours
     * @param cores the processor cores it may use, as {@code taskset -c} takes them
     * @param log gets what it prints
     */
    static Server start(List<String> command, Map<String, String> environment, String cores, int port, Path log)
            throws IOException, InterruptedException {
        var pinned = Stream.concat(Stream.of("taskset", "-c", cores), command.stream())
                .toList();
        var builder = new ProcessBuilder(pinned).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        var server = new Server(process);
        long until = System.nanoTime() + START_LIMIT.toNanos();
        while (!accepts(port)) {
            if (!process.isAlive() || System.nanoTime() - until > 0) {
                server.close();
                throw new IOException("does not listen: " + String.join(" ", command) + "\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return server;
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /**
     * Returns the processor time used so far, in nanoseconds, to 10 ms: the sum of user and system time, which the kernel
     * takes from the scheduler's run times, those of threads that ended included.
     */
    long cpuNanos() {
        return processes().mapToLong(Server::ticks).sum() * NANOS_PER_TICK;
    }

    /** Returns the memory it holds, in bytes (VmRSS). */
    long residentBytes() {
        return processes().mapToLong(Server::residentBytes).sum();
    }

    private Stream<Long> processes() {
        var handle = process.toHandle();
        return Stream.concat(Stream.of(handle), handle.descendants()).map(ProcessHandle::pid);
    }

    private static long ticks(long pid) {
        String stat = read(pid, "stat");
        // Behind the name, which may hold anything, in brackets: fields 3 and up; proc(5).
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long residentBytes(long pid) {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        var all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
