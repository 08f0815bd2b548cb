package dev.warmgate.app.log;

import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * What SLF4J asks for loggers. Of Warmgate's own, events from {@code info} on are told, or from the level that the system
 * property {@code warmgate.log} names; of libraries' those from {@code warn} on. Any thread.
 */
public final class LogProvider implements SLF4JServiceProvider, ILoggerFactory {
    private static final String OWN = "dev.warmgate.";
    private static final String LEVEL = "warmgate.log";
    private static final String API_VERSION = "2.0.99";

    private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();
    private final Level ownLevel = level(System.getProperty(LEVEL));

    /** Returns the level of a name, {@code info} if it is none. */
    static Level level(@Nullable String name) {
        for (var level : Level.values()) {
            if (name != null && level.name().equals(name.toUpperCase(Locale.ROOT))) {
                return level;
            }
        }
        return Level.INFO;
    }

    @Override
    public Logger getLogger(String name) {
        var known = loggers.get(name);
        if (known != null) {
            return known;
        }
        var made = new LineLogger(name, name.startsWith(OWN) ? ownLevel : Level.WARN);
        var other = loggers.putIfAbsent(name, made);
        return other == null ? made : other;
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return this;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return API_VERSION;
    }

    @Override
    public void initialize() {
        // All is ready.
    }
}
