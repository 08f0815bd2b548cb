package dev.warmgate.engine.link;

import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The links of all endpoints. An endpoint that has none of its own has that of its pool, and one that appears in a pool
 * later has it too.
 *
 * <p>Any thread.
 */
public final class EngineLinks {
    /** What is configured: by pool, and by endpoint where that differs. */
    public record Settings(Map<String, LinkSettings> pools, Map<String, LinkSettings> endpoints) {
        public Settings {
            pools = Map.copyOf(pools);
            endpoints = Map.copyOf(endpoints);
        }
    }

    private record Table(Map<String, EngineLink> pools, Map<String, EngineLink> endpoints) {}

    private final Map<TlsFault, LongAdder> faults = counters();
    private final EngineLink plain = new EngineLink("default", LinkSettings.DEFAULT, faults, this::foundName);
    private volatile Table table = new Table(Map.of(), Map.of());
    private volatile Map<String, String> foundNames = Map.of();

    private EngineLinks() {}

    /** Returns links that are all the default. */
    public static EngineLinks plain() {
        return new EngineLinks();
    }

    /**
     * Returns links of the settings, their files read.
     *
     * @throws GeneralSecurityException if a file cannot be used; the message names it
     */
    public static EngineLinks of(Settings settings) throws GeneralSecurityException {
        var links = new EngineLinks();
        links.replace(settings);
        return links;
    }

    /** Checks the files of a setting. */
    public static void check(LinkSettings settings) throws GeneralSecurityException {
        new EngineLink("", settings, counters(), _ -> null).load();
    }

    /**
     * Puts other settings into effect, for new connections. Links whose settings stay the same stay as they are.
     *
     * @throws GeneralSecurityException if a file cannot be used; then nothing changes
     */
    public synchronized void replace(Settings settings) throws GeneralSecurityException {
        var before = table;
        table = new Table(
                links("Pool ", before.pools(), settings.pools()),
                links("Endpoint ", before.endpoints(), settings.endpoints()));
    }

    private Map<String, EngineLink> links(
            String kind, Map<String, EngineLink> before, Map<String, LinkSettings> settings)
            throws GeneralSecurityException {
        var links = new HashMap<String, EngineLink>();
        for (var entry : settings.entrySet()) {
            var known = before.get(entry.getKey());
            if (known == null || !known.settings().equals(entry.getValue())) {
                known = new EngineLink(kind + entry.getKey(), entry.getValue(), faults, this::foundName);
                known.load();
            }
            links.put(entry.getKey(), known);
        }
        return Map.copyOf(links);
    }

    /** Takes the names that certificates of discovered endpoints must have, by endpoint, for new connections. */
    public void foundNames(Map<String, String> names) {
        foundNames = Map.copyOf(names);
    }

    private @Nullable String foundName(String endpoint) {
        return foundNames.get(endpoint);
    }

    /** Returns the link of an endpoint; the same object until its settings change. */
    public EngineLink of(String pool, String endpoint) {
        var now = table;
        var own = now.endpoints().get(endpoint);
        return own == null ? now.pools().getOrDefault(pool, plain) : own;
    }

    /** Reads all files again. Blocks on files: not for event loops. */
    public void refresh() {
        var now = table;
        now.pools().values().forEach(EngineLink::refresh);
        now.endpoints().values().forEach(EngineLink::refresh);
    }

    /** Returns how many TLS handshakes failed since start, by the reason's name. */
    public Map<String, Long> faults() {
        var sums = new TreeMap<String, Long>();
        faults.forEach((fault, count) -> sums.put(fault.label(), count.sum()));
        return sums;
    }

    private static Map<TlsFault, LongAdder> counters() {
        var counters = new EnumMap<TlsFault, LongAdder>(TlsFault.class);
        for (TlsFault fault : TlsFault.values()) {
            counters.put(fault, new LongAdder());
        }
        return counters;
    }
}
