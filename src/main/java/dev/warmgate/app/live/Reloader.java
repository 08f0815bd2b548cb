package dev.warmgate.app.live;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.epp.EndpointPickerConfigs;
import dev.warmgate.console.Operations.Reload;
import dev.warmgate.console.Operations.Result;
import dev.warmgate.files.FileContent;
import dev.warmgate.files.FileWatcher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a changed configuration file over: as a whole, or not at all. A file that is wrong, or that changes what only a
 * restart can, changes nothing. Any thread; one attempt after the other.
 */
public final class Reloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);
    private static final int HASH_DIGITS = 16;

    /**
     * What is in force.
     *
     * @param version 1 at the start, one more each time another is taken over
     */
    public record InForce(GatewayConfig config, String text, long version, Instant since) {
        /** Returns a hash of the file's text; of an empty one without a file. Made when asked for: no start waits for it. */
        public String hash() {
            return Reloader.hash(text);
        }

        @Override
        public String toString() {
            return "InForce[version " + version + ", hash " + hash() + "]";
        }
    }

    /** What is configured. */
    @FunctionalInterface
    public interface Target {
        /**
         * Takes another configuration over, without failing halfway.
         *
         * @throws ConfigException if it cannot be; then nothing has changed
         */
        void become(GatewayConfig config) throws ConfigException;
    }

    private final @Nullable ConfigFile file;
    private final Target target;
    private final InstantSource clock;
    private final Map<Result, LongAdder> counts = new EnumMap<>(Result.class);

    // Written under this.
    private volatile InForce inForce;
    private volatile @Nullable Reload last;

    // Guarded by this.
    private @Nullable FileWatcher watcher;
    private @Nullable Duration interval;

    /** The configuration file, if there is one, and the files that policies name. */
    private List<Path> watched = List.of();

    /** What was in the watched files when they were last taken or refused. */
    private List<FileContent> tried = List.of();

    /**
     * Creates a reloader of what is in force.
     *
     * @param file null if the gateway was started with options alone
     */
    public Reloader(@Nullable ConfigFile file, Loaded started, Target target, InstantSource clock) {
        this.file = file;
        this.target = target;
        this.clock = clock;
        this.inForce = new InForce(started.config(), started.text(), 1, clock.instant());
        for (var result : Result.values()) {
            counts.put(result, new LongAdder());
        }
    }

    /** Begins to watch the file, and the files that its policies name. */
    public synchronized void watch(Duration everySoOften) {
        interval = everySoOften;
        follow();
    }

    /** Watches the files of what is in force, if those are others than before. Under this. */
    private void follow() {
        var paths = paths();
        if (file == null || interval == null || paths.isEmpty() || paths.equals(watched)) {
            return;
        }
        if (watcher != null) {
            watcher.close();
        }
        watched = paths;
        tried = paths.stream().map(this::known).toList();
        watcher = FileWatcher.start("configuration", paths, tried, interval, contents -> changed(paths, contents));
    }

    private List<Path> paths() {
        var paths = new ArrayList<Path>();
        if (file != null && file.path() != null) {
            paths.add(file.path());
        }
        paths.addAll(inForce.config().pickerFiles());
        return List.copyOf(paths);
    }

    /** Returns what of a file is in force; if it is another by now, something that the next look differs from. */
    private FileContent known(Path path) {
        if (file != null && path.equals(file.path())) {
            return new FileContent.Text(inForce.text());
        }
        var content = FileContent.read(path);
        boolean same = content instanceof FileContent.Text(var text)
                && EndpointPickerConfigs.parse(path.toString(), text)
                        instanceof EndpointPickerConfigs.Result.Good(var config)
                && inForce.config().pools().stream().anyMatch(pool -> config.equals(pool.chain()));
        return same ? content : new FileContent.Unreadable("not what is in force");
    }

    /** Returns what is in force. */
    public InForce inForce() {
        return inForce;
    }

    /** Returns the file, or null. */
    public @Nullable ConfigFile file() {
        return file;
    }

    /** Returns the last attempt, or null. */
    public @Nullable Reload last() {
        return last;
    }

    /** Returns attempts by their result. */
    public Map<String, Long> counts() {
        var byName = new HashMap<String, Long>();
        counts.forEach((result, count) -> byName.put(result.name().toLowerCase(Locale.ROOT), count.sum()));
        return byName;
    }

    /**
     * Reads the file again and takes it over.
     *
     * @param trigger what asks for it
     */
    public synchronized Reload reload(String trigger) {
        if (file == null) {
            return done(trigger, Result.NO_FILE, List.of(), List.of());
        }
        tried = FileWatcher.read(watched);
        return take(file, trigger, file.read());
    }

    private synchronized void changed(List<Path> paths, List<FileContent> contents) {
        if (file != null && paths.equals(watched) && !contents.equals(tried)) {
            tried = contents;
            take(file, "file change", file.path() == null ? file.read() : contents.getFirst());
        }
    }

    private Reload take(ConfigFile from, String trigger, FileContent content) {
        try {
            var now = inForce;
            var loaded = from.parse(content);
            if (loaded.config().equals(now.config())) {
                inForce = new InForce(now.config(), loaded.text(), now.version(), now.since());
                return done(trigger, Result.UNCHANGED, List.of(), List.of());
            }
            var fixed = RestartNeeds.of(now.config(), loaded.config());
            if (!fixed.isEmpty()) {
                return done(trigger, Result.REJECTED, List.of(), fixed);
            }
            target.become(loaded.config());
            inForce = new InForce(loaded.config(), loaded.text(), now.version() + 1, clock.instant());
            follow();
            return done(trigger, Result.APPLIED, changes(from, now, loaded), List.of());
        } catch (ConfigException e) {
            return done(trigger, Result.REJECTED, List.of(), e.problems());
        } catch (RuntimeException e) {
            LOG.error("Taking a configuration over failed", e);
            return done(trigger, Result.REJECTED, List.of(), List.of("failed: " + e));
        }
    }

    /** Returns what differs, in words: in the file, and in which of the files that policies name. */
    private static List<String> changes(ConfigFile from, InForce before, Loaded after) {
        var changes = new ArrayList<>(from.changes(before.text(), after.text()));
        for (var pool : after.config().pools()) {
            var chain = pool.chain();
            if (chain != null
                    && before.config().pools().stream()
                            .anyMatch(was -> was.chain() != null
                                    && was.chain().file().equals(chain.file())
                                    && !was.chain().equals(chain))) {
                changes.add(chain.file() + ": changed");
            }
        }
        return changes.stream().distinct().toList();
    }

    private Reload done(String trigger, Result result, List<String> changes, List<String> problems) {
        var reload = new Reload(clock.instant(), trigger, result, changes, problems);
        last = reload;
        var count = counts.get(result);
        if (count != null) {
            count.increment();
        }
        switch (result) {
            case APPLIED -> {
                LOG.info("Configuration taken over ({}), version {}", trigger, inForce.version());
                changes.forEach(change -> LOG.info("  {}", change));
            }
            case UNCHANGED -> LOG.info("Configuration read again ({}): it says what is in force", trigger);
            case REJECTED -> {
                LOG.error("Configuration not taken over ({}); what was in force stays:", trigger);
                problems.forEach(problem -> LOG.error("  {}", problem));
            }
            case NO_FILE -> LOG.warn("Asked to read the configuration again ({}), but there is no file", trigger);
        }
        return reload;
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Ends the watching. */
    @Override
    public void close() {
        FileWatcher ended;
        synchronized (this) {
            ended = watcher;
            watcher = null;
            interval = null;
        }
        if (ended != null) {
            ended.close();
        }
    }
}
