package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.Scheme;
import dev.warmgate.engine.discovery.SourceSpec.OfDns;
import dev.warmgate.engine.discovery.SourceSpec.RecordType;
import dev.warmgate.files.FileWatcher;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The keys of the section {@code pools[].discovery}, in the order of the documentation. */
final class DiscoveryKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final ValueType<Duration> TIME_TO_LIVE =
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofHours(24));

    static final Setting<Path> FILE = add(Setting.withoutDefault(
            "pools[].discovery.file.path",
            ValueTypes.path(),
            Setting.REQUIRED,
            "A file of endpoints that something else writes; see docs/operations.md. It is taken over whenever it"
                    + " changes."));
    static final Setting<Duration> FILE_INTERVAL = add(Setting.of(
            "pools[].discovery.file.interval",
            ValueTypes.duration(Duration.ofMillis(10), Duration.ofHours(1)),
            FileWatcher.DEFAULT_INTERVAL,
            "How often the file is looked at."));
    static final Setting<String> DNS_NAME = add(
            Setting.withoutDefault(
                    "pools[].discovery.dns[].name",
                    NetworkTypes.domain(),
                    Setting.REQUIRED,
                    "A name in DNS whose addresses are endpoints. Without a dot at the end the system's search path is tried."));
    static final Setting<RecordType> DNS_TYPE = add(Setting.of(
            "pools[].discovery.dns[].type",
            ValueTypes.choice(List.of(RecordType.values()), type -> type.name().toLowerCase(Locale.ROOT)),
            RecordType.ADDRESS,
            "`address`: A and AAAA records, and `port`; `srv`: SRV records, which say host, port and weight."));
    static final Setting<Long> DNS_PORT = add(Setting.withoutDefault(
            "pools[].discovery.dns[].port",
            ValueTypes.integer(1, 65_535),
            "required for `address`",
            "Where the model servers listen."));
    static final Setting<Scheme> DNS_SCHEME = add(Setting.of(
            "pools[].discovery.dns[].scheme",
            scheme(),
            Scheme.HTTP,
            "`https` for endpoints that speak TLS. Their certificates must be for `pools[].tls.serverName`, or else for `name`"
                    + " without the labels that begin with `_`."));
    static final Setting<EngineKind> DNS_ENGINE = add(Setting.of(
            "pools[].discovery.dns[].engine",
            Settings.ENGINE.type(),
            EngineKind.OTHER,
            "What serves there, as `pools[].endpoints[].engine`."));
    static final Setting<InetSocketAddress> DNS_SERVER = add(Setting.withoutDefault(
            "pools[].discovery.dns[].servers[]",
            ValueTypes.hostPort(),
            "the system's",
            "Name servers to ask, such as 10.96.0.10:53. The search path is not used then."));
    static final Setting<Duration> DNS_MIN_TTL = add(Setting.of(
            "pools[].discovery.dns[].minTtl",
            TIME_TO_LIVE,
            OfDns.DEFAULT_MIN_TTL,
            "An answer is believed for its time to live, at least for this long."));
    static final Setting<Duration> DNS_MAX_TTL = add(Setting.of(
            "pools[].discovery.dns[].maxTtl",
            TIME_TO_LIVE,
            OfDns.DEFAULT_MAX_TTL,
            "And at most for this long; at least `minTtl`."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private DiscoveryKeys() {}

    static ValueType<Scheme> scheme() {
        return ValueTypes.choice(List.of(Scheme.values()), Scheme::label);
    }

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
