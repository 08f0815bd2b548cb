package dev.warmgate.files;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the content of files changed, files that vanish and come back included.
 *
 * <p>It reads them again and again and compares, on a virtual thread of its own. Notifications of the operating system
 * are faster, but they miss changes behind symbolic links (Kubernetes swaps a link two levels above a mounted
 * ConfigMap's file), on network file systems and in files replaced by a rename; times of change miss what keeps its
 * time. Reading a few kilobytes once a second costs nothing.
 *
 * <p>A changed file is read until two readings, {@value #SETTLE_MILLIS} ms apart, agree: editors and scripts write in
 * pieces. A file that never settles is taken as it is after {@value #MOST_READINGS} readings.
 *
 * <p>Files that belong together, such as a certificate and its key, are watched together and reported together. Any
 * thread.
 */
public final class FileWatcher implements AutoCloseable {
    /** How often files are read unless somebody wants it otherwise. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(FileWatcher.class);
    private static final int SETTLE_MILLIS = 100;
    private static final int MOST_READINGS = 20;

    private final String name;
    private final Supplier<List<FileContent>> reader;
    private final Duration interval;
    private final Consumer<List<FileContent>> listener;
    private final Thread thread;

    /** What was reported last. Confined to the thread. */
    private List<FileContent> known;

    private volatile boolean closed;

    private FileWatcher(
            String name,
            Supplier<List<FileContent>> reader,
            List<FileContent> known,
            Duration interval,
            Consumer<List<FileContent>> listener) {
        this.name = name;
        this.reader = reader;
        this.known = List.copyOf(known);
        this.interval = interval;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("watch-" + name).unstarted(this::run);
    }

    /**
     * Begins to watch.
     *
     * @param name for the thread and the log
     * @param files those that belong together
     * @param known what the caller read and knows of each of them; the first difference to it is reported
     * @param interval time between two readings
     * @param listener hears the contents of all files, in their order, when any of them changed; on the watcher's
     *     thread, and may block
     */
    public static FileWatcher start(
            String name,
            List<Path> files,
            List<FileContent> known,
            Duration interval,
            Consumer<List<FileContent>> listener) {
        if (files.isEmpty() || files.size() != known.size()) {
            throw new IllegalArgumentException(
                    "known: " + known.size() + " contents (expected: one for each of " + files.size() + " files)");
        }
        var paths = List.copyOf(files);
        return start(name, () -> read(paths), known, interval, listener);
    }

    /** For tests: with something else than files to read. */
    static FileWatcher start(
            String name,
            Supplier<List<FileContent>> reader,
            List<FileContent> known,
            Duration interval,
            Consumer<List<FileContent>> listener) {
        var watcher = new FileWatcher(name, reader, known, interval, listener);
        watcher.thread.start();
        return watcher;
    }

    /** Reads all of the files once. */
    public static List<FileContent> read(List<Path> files) {
        return files.stream().map(FileContent::read).toList();
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(interval);
                look();
            } catch (InterruptedException _) {
                return; // closed
            } catch (RuntimeException e) {
                LOG.error("Taking a change of {} failed; it stays watched", name, e);
            }
        }
    }

    private void look() throws InterruptedException {
        var found = reader.get();
        if (found.equals(known)) {
            return;
        }
        for (int i = 0; i < MOST_READINGS; i++) {
            var before = found;
            Thread.sleep(SETTLE_MILLIS);
            found = reader.get();
            if (found.equals(before)) {
                break;
            }
        }
        if (!found.equals(known)) {
            known = found;
            listener.accept(found);
        }
    }

    /** Ends the watching and waits up to a second for a listener that is being told; from its own thread it does not. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
