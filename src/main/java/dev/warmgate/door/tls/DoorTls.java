package dev.warmgate.door.tls;

import dev.warmgate.files.FileContent;
import dev.warmgate.files.FileWatcher;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of a front door, made anew when its files change: connections that there are keep what they began with, so nothing
 * is dropped. Files that cannot be used change nothing, which is logged and counted. Any thread.
 */
public final class DoorTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DoorTls.class);

    private final AtomicLong refusedFiles = new AtomicLong();
    private final AtomicLong failedHandshakes = new AtomicLong();
    private final @Nullable FileWatcher watcher;

    // Replaced by the watcher's thread, read by all event loops.
    private volatile SslContext context;

    private DoorTls(SslContext context) {
        this.context = context;
        this.watcher = null;
    }

    private DoorTls(TlsSettings settings, Protocol protocol, SslContext context, List<FileContent> known) {
        this.context = context;
        this.watcher = FileWatcher.start(
                "certificates",
                settings.files(),
                known,
                FileWatcher.DEFAULT_INTERVAL,
                contents -> changed(settings, protocol, contents));
    }

    /**
     * Reads the files, and watches them from now on.
     *
     * @throws IllegalArgumentException if they cannot be used
     */
    public static DoorTls open(TlsSettings settings, Protocol protocol) {
        var contents = FileWatcher.read(settings.files());
        try {
            return new DoorTls(settings, protocol, TlsFiles.context(settings, protocol, contents), contents);
        } catch (TlsFiles.Unusable e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Makes a certificate that nobody vouches for: nobody else can read along, but clients cannot tell who we are. */
    public static DoorTls selfSigned(Protocol protocol) {
        return new DoorTls(TlsFiles.context(SelfSigned.make(), protocol));
    }

    private void changed(TlsSettings settings, Protocol protocol, List<FileContent> contents) {
        try {
            context = TlsFiles.context(settings, protocol, contents);
            LOG.info("Took the new content of {}", settings.files());
        } catch (TlsFiles.Unusable e) {
            refusedFiles.incrementAndGet();
            LOG.warn("Kept the old certificate: {}", e.getMessage());
        }
    }

    /** Returns what a new connection begins with. */
    public SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeLimit) {
        var handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeLimit.toMillis());
        return handler;
    }

    /** Counts a handshake that failed. */
    public void handshakeFailed() {
        failedHandshakes.incrementAndGet();
    }

    /** Returns handshakes that failed. */
    public long failedHandshakes() {
        return failedHandshakes.get();
    }

    /** Returns how often changed files could not be used, so that the old ones were kept. */
    public long refusedFiles() {
        return refusedFiles.get();
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.close();
        }
    }
}
