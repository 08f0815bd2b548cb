package dev.warmgate.engine.link;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one model server as it is now: its settings, and the key and TLS context that were made of their files.
 *
 * <p>Any thread.
 */
public final class EngineLink {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLink.class);

    /** TLS 1.2 and 1.3: what is older is broken (RFC 8996). */
    private static final String[] TLS_VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private static final long SAME_FAULT_NANOS = 60_000_000_000L;

    private final String name;
    private final LinkSettings settings;
    private final Map<TlsFault, LongAdder> faults;
    private final Function<String, @Nullable String> foundNames;

    /** What the files held when they were read last. Guarded by this. */
    private Map<String, String> texts = Map.of();

    /** The last problem with files that was logged; guarded by this. */
    private String complaint = "";

    /** When each kind of fault was logged last; guarded by itself. */
    private final Map<TlsFault, Long> logged = new EnumMap<>(TlsFault.class);

    /** Published by whoever reads files. */
    private volatile @Nullable String authorization;

    /** Published by whoever reads files, or needs it first. */
    private volatile @Nullable SSLContext context;

    /**
     * Creates a link without reading a file yet.
     *
     * @param name of the endpoint or pool, for the log
     * @param faults a counter for every fault
     * @param foundNames the name that the certificate of a discovered endpoint must have, unless one is configured; null if
     *     that is the host in its address
     */
    EngineLink(
            String name,
            LinkSettings settings,
            Map<TlsFault, LongAdder> faults,
            Function<String, @Nullable String> foundNames) {
        this.name = name;
        this.settings = settings;
        this.faults = faults;
        this.foundNames = foundNames;
        if (settings.key() instanceof EngineKey.Given(String key)) {
            authorization = "Bearer " + key;
        }
    }

    /** Returns what is configured. */
    public LinkSettings settings() {
        return settings;
    }

    /** Returns the value of the {@code Authorization} field with our own key; null without one. */
    public @Nullable String authorization() {
        return authorization;
    }

    /** Returns whether requests carry our own key, so that no caller's may. */
    public boolean ownKey() {
        return settings.key() != null;
    }

    /** Returns the name that an endpoint's certificate must have; null if that is the host in its address. */
    public @Nullable String serverName(String endpoint) {
        return settings.tls().serverName() == null
                ? foundNames.apply(endpoint)
                : settings.tls().serverName();
    }

    /** Returns the TLS context for new connections. */
    public SSLContext context() {
        var known = context;
        return known == null ? firstContext() : known;
    }

    private synchronized SSLContext firstContext() {
        try {
            if (context == null) {
                context = ClientTls.context(settings.tls(), texts);
            }
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS for " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns the client side of a new TLS connection, names checked.
     *
     * @param endpoint its name
     * @param host the host in its address
     * @param protocols for ALPN (RFC 7301), best first; none if empty
     */
    public SSLEngine newEngine(String endpoint, String host, int port, String... protocols) {
        String name = serverName(endpoint);
        // The name and port are also what sessions are found by that can be taken up again.
        var engine = context().createSSLEngine(name == null ? host : name, port);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        prepare(parameters);
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private void prepare(SSLParameters parameters) {
        parameters.setProtocols(TLS_VERSIONS);
        if (settings.tls().verify()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
    }

    /** Returns the same for blocking sockets. */
    public LinkSockets sockets(String endpoint) {
        return new LinkSockets(context().getSocketFactory(), serverName(endpoint), this::prepare);
    }

    /** Counts a failed handshake, and logs it unless a failure of the same kind was logged in the last minute. */
    public void failed(String endpoint, Throwable failure) {
        String words = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        failed(endpoint, TlsFault.of(failure), " (" + words + ")");
    }

    /** The same for a failure that needs no further words. */
    public void failed(String endpoint, TlsFault fault) {
        failed(endpoint, fault, "");
    }

    private void failed(String endpoint, TlsFault fault, String words) {
        requireNonNull(faults.get(fault)).increment();
        synchronized (logged) {
            long now = System.nanoTime();
            Long before = logged.get(fault);
            if (before != null && now - before < SAME_FAULT_NANOS) {
                return;
            }
            logged.put(fault, now);
        }
        LOG.warn("No connection to endpoint {}: {}{}", endpoint, fault.meaning(), words);
    }

    /**
     * Reads the files.
     *
     * @throws GeneralSecurityException if one cannot be read or does not hold what it should; the message names it
     */
    synchronized void load() throws GeneralSecurityException {
        var read = new LinkedHashMap<String, String>();
        for (Path file : settings.tls().files()) {
            read.put(file.toString(), read(file));
        }
        if (settings.key() instanceof EngineKey.InFile(Path file)) {
            read.put(file.toString(), read(file));
        }
        if (read.equals(texts)) {
            return;
        }
        var tls = settings.tls().files().isEmpty() ? context : ClientTls.context(settings.tls(), read);
        if (settings.key() instanceof EngineKey.InFile(Path file)) {
            String key = EngineKey.inText(read.getOrDefault(file.toString(), ""));
            if (key == null) {
                throw new GeneralSecurityException(file + ": no API key (expected: one line of 1 to "
                        + EngineKey.LONGEST + " visible ASCII characters)");
            }
            authorization = "Bearer " + key;
        }
        context = tls;
        texts = read;
    }

    private static String read(Path file) throws GeneralSecurityException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new GeneralSecurityException(file + ": cannot be read: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Reads the files again; what cannot be used is logged once, and what was before stays. */
    synchronized void refresh() {
        try {
            var before = texts;
            load();
            if (!before.isEmpty() && !before.equals(texts)) {
                LOG.info("{}: new connections use what its files hold now", name);
            }
            complaint = "";
        } catch (GeneralSecurityException e) {
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(complaint)) {
                LOG.warn("{}: {}; what was read before stays in use", name, problem);
                complaint = problem;
            }
        }
    }

    @Override
    public String toString() {
        return "EngineLink[" + name + "]";
    }
}
