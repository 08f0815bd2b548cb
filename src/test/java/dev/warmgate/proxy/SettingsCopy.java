package dev.warmgate.proxy;

import dev.warmgate.proxy.front.FrontSettings;
import dev.warmgate.router.tenancy.TextPattern;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/** A copy of a proxy's settings, of which tests change what they are about. */
final class SettingsCopy {
    FrontSettings front;
    int eventLoops;
    int maxBodyBytes;
    Duration connectTimeout;
    Duration firstByteTimeout;
    Duration idleTimeout;
    Duration requestReadTimeout;
    Duration upstreamIdleTimeout;
    RetryRules retries;
    boolean askUsage;
    Set<TextPattern> openPaths;

    private SettingsCopy(ProxySettings s) {
        front = s.front();
        eventLoops = s.eventLoops();
        maxBodyBytes = s.maxBodyBytes();
        connectTimeout = s.connectTimeout();
        firstByteTimeout = s.firstByteTimeout();
        idleTimeout = s.idleTimeout();
        requestReadTimeout = s.requestReadTimeout();
        upstreamIdleTimeout = s.upstreamIdleTimeout();
        retries = s.retries();
        askUsage = s.askUsage();
        openPaths = s.openPaths();
    }

    /** Returns settings with a change. */
    static ProxySettings of(ProxySettings settings, Consumer<SettingsCopy> change) {
        var copy = new SettingsCopy(settings);
        change.accept(copy);
        return new ProxySettings(
                copy.front,
                copy.eventLoops,
                copy.maxBodyBytes,
                copy.connectTimeout,
                copy.firstByteTimeout,
                copy.idleTimeout,
                copy.requestReadTimeout,
                copy.upstreamIdleTimeout,
                copy.retries,
                copy.askUsage,
                copy.openPaths);
    }
}
