package dev.warmgate.proxy.front;

import dev.warmgate.files.FileContent;
import dev.warmgate.files.FileWatcher;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of the front door, made anew when its files change: connections that there are keep what they began with, so nothing
 * is dropped. Files that cannot be used change nothing, which is logged and counted. Any thread.
 */
final class Tls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    private final TlsSettings settings;
    private final FileWatcher watcher;
    private final AtomicLong refusedFiles = new AtomicLong();
    private final AtomicLong failedHandshakes = new AtomicLong();

    // Replaced by the watcher's thread, read by all event loops.
    private volatile SslContext context;

    private Tls(TlsSettings settings, SslContext context, List<FileContent> known) {
        this.settings = settings;
        this.context = context;
        this.watcher =
                FileWatcher.start("certificates", settings.files(), known, FileWatcher.DEFAULT_INTERVAL, this::changed);
    }

    /**
     * Reads the files, and watches them from now on.
     *
     * @throws IllegalArgumentException if they cannot be used
     */
    static Tls open(TlsSettings settings) {
        var contents = FileWatcher.read(settings.files());
        try {
            return new Tls(settings, TlsFiles.context(settings, contents), contents);
        } catch (TlsFiles.Unusable e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private void changed(List<FileContent> contents) {
        try {
            context = TlsFiles.context(settings, contents);
            LOG.info("Took the new content of {}", settings.files());
        } catch (TlsFiles.Unusable e) {
            refusedFiles.incrementAndGet();
            LOG.warn("Kept the old certificate: {}", e.getMessage());
        }
    }

    /** Returns what a new connection begins with. */
    SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeLimit) {
        var handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeLimit.toMillis());
        return handler;
    }

    void handshakeFailed() {
        failedHandshakes.incrementAndGet();
    }

    long failedHandshakes() {
        return failedHandshakes.get();
    }

    long refusedFiles() {
        return refusedFiles.get();
    }

    @Override
    public void close() {
        watcher.close();
    }
}
