package dev.warmgate.app.config;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.proxy.Subnet;
import dev.warmgate.proxy.front.ProxyProtocol;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.TextPattern;
import dev.warmgate.telemetry.AccessLog;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Every key of a configuration file, in the order of the documentation. */
final class Settings {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofHours(24);

    static final Setting<InetSocketAddress> HTTP = add(Setting.of(
            "listeners.http",
            ValueTypes.hostPort(),
            Listeners.DEFAULT.http(),
            "Where clients connect. Port 0 takes any free port."));
    static final TlsKeys TLS = TlsKeys.below("listeners.tls", "clients", "none: plain HTTP");

    static {
        COLLECTED.addAll(TLS.all());
    }

    static final Setting<InetSocketAddress> ADMIN = add(
            Setting.of(
                    "listeners.admin",
                    ValueTypes.hostPort(),
                    Listeners.DEFAULT.admin(),
                    "Where metrics, health and operations answer. Beyond loopback it needs a token. Do not open it to clients."));
    static final Setting<ApiKey> ADMIN_TOKEN = add(Setting.withoutDefault(
            "listeners.adminToken",
            ValueTypes.apiKey(),
            "environment variable `" + AdminTokens.VARIABLE + "`, else none",
            "What callers of `listeners.admin` must send as `Authorization: Bearer`; `/healthz` and `/readyz` stay"
                    + " open."));
    static final Setting<Path> ADMIN_TOKEN_FILE = add(Setting.withoutDefault(
            "listeners.adminTokenFile",
            ValueTypes.path(),
            "none",
            "A file that holds that token alone. Either this or `adminToken`."));
    static final Setting<Subnet> TRUSTED_PROXY = add(
            Setting.withoutDefault(
                    "listeners.trustedProxies[]",
                    ValueTypes.subnet(),
                    "none",
                    "Clients whose `Forwarded` and `X-Forwarded-…` headers are passed on, continued; anybody else's are replaced."));
    static final Setting<Boolean> TRUSTED = add(Setting.of(
            "listeners.trusted",
            ValueTypes.bool(),
            Listeners.DEFAULT.trusted(),
            "Whether all clients of `listeners.http` are gateways of your own: their `Forwarded` and `X-Forwarded-…` headers"
                    + " are believed, and headers that steer gateways and sidecars reach engines."));
    static final Setting<ProxyProtocol> PROXY_PROTOCOL = add(
            Setting.of(
                    "listeners.proxyProtocol",
                    ValueTypes.choice(List.of(ProxyProtocol.values()), Settings::lowerCase),
                    Listeners.DEFAULT.proxyProtocol(),
                    "Whether connections begin with the PROXY protocol's header. Only if nobody but the load balancer can connect."));

    static {
        COLLECTED.addAll(PickerKeys.ALL);
    }

    static final Setting<String> POOL_NAME = add(Setting.of(
            "pools[].name",
            ValueTypes.label(),
            "default",
            "Unique among pools; shown in metrics and logs. A second pool needs a name of its own."));
    static final Setting<String> POLICY = add(Setting.of(
            "pools[].policy",
            ValueTypes.policy(Policies.names()),
            Policies.WARM,
            "How an endpoint is chosen; `epp:FILE` as a file of kind EndpointPickerConfig says, see"
                    + " `docs/endpoint-picker-config.md`."));
    static final Setting<String> MODEL = add(Setting.withoutDefault(
            "pools[].models[]",
            ValueTypes.text("a model name"),
            "what the endpoints say",
            "Model names that this pool serves whatever its endpoints say."));
    static final Setting<Long> KV_CAPACITY = add(Setting.of(
            "pools[].kvCapacityTokens",
            ValueTypes.integer(1_000, 1_000_000_000),
            PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
            "Tokens that the KV cache of one endpoint holds, assumed until its engine tells."));
    static final Setting<Long> INDEX_BYTES = add(Setting.of(
            "pools[].indexBytes",
            ValueTypes.size(1L << 20, 64L << 30),
            PoolSpec.DEFAULT_INDEX_BYTES,
            "Upper bound of the memory that remembers which endpoint holds which prompt prefix."));
    static final Setting<Long> MAX_IN_FLIGHT = add(
            Setting.withoutDefault(
                    "pools[].maxInFlight",
                    ValueTypes.integer(1, 1_000_000),
                    "no limit",
                    "Requests that may be in flight at one endpoint. Further ones wait; without admission they are answered 503."));

    static {
        COLLECTED.addAll(LinkKeys.OF_POOLS);
    }

    static final Setting<URI> URL = add(Setting.withoutDefault(
            "pools[].endpoints[].url", ValueTypes.httpUrl(), Setting.REQUIRED, "Base address of the model server."));
    static final Setting<String> ENDPOINT_NAME = add(Setting.withoutDefault(
            "pools[].endpoints[].name",
            ValueTypes.label(),
            "host and port of `url`",
            "Unique among all endpoints; shown in metrics and logs."));
    static final Setting<EngineKind> ENGINE = add(Setting.of(
            "pools[].endpoints[].engine",
            ValueTypes.choice(List.of(EngineKind.values()), Settings::engine),
            EngineKind.OTHER,
            "What serves there: decides which metric names are read. `auto` recognises it by its answers."));
    static final Setting<Double> WEIGHT = add(Setting.of(
            "pools[].endpoints[].weight",
            ValueTypes.weight(),
            1.0,
            "Relative share of requests under the policy `weighted`."));
    static final Setting<Role> ROLE = add(Setting.of(
            "pools[].endpoints[].role",
            ValueTypes.choice(List.of(Role.values()), Settings::lowerCase),
            Role.BOTH,
            "What the endpoint does in its pool."));
    static final Setting<String> LABEL = add(Setting.withoutDefault(
            "pools[].endpoints[].labels.*",
            ValueTypes.text("a text"),
            "none",
            "What else is said about it, for policies that look at labels."));

    static {
        COLLECTED.addAll(LinkKeys.OF_ENDPOINTS);
        COLLECTED.addAll(DiscoveryKeys.ALL);
    }

    static final Setting<PromptSecret> PROMPT_SECRET = add(Setting.withoutDefault(
            "routing.promptSecret",
            ValueTypes.secret(),
            "random at each start",
            "Key of the prompt hashes. Gateways that share endpoints should share it."));

    static final Setting<Duration> CONNECT = add(Setting.of(
            "timeouts.connect",
            ValueTypes.duration(MILLISECOND, HOUR),
            Timeouts.DEFAULT.connect(),
            "For an endpoint to accept a connection."));
    static final Setting<Duration> FIRST_BYTE = add(Setting.of(
            "timeouts.firstByte",
            ValueTypes.duration(MILLISECOND, DAY),
            Timeouts.DEFAULT.firstByte(),
            "For the first byte of an endpoint's answer; without streaming that comes after the last token."));
    static final Setting<Duration> IDLE = add(Setting.of(
            "timeouts.idle",
            ValueTypes.duration(MILLISECOND, DAY),
            Timeouts.DEFAULT.idle(),
            "Between two bytes of an endpoint's answer."));
    static final Setting<Duration> HEADER_READ = add(Setting.of(
            "timeouts.headerRead",
            ValueTypes.duration(MILLISECOND, HOUR),
            Timeouts.DEFAULT.headerRead(),
            "For a client to send a request's header, from connecting or from the header's first byte."));
    static final Setting<Duration> REQUEST_READ = add(Setting.of(
            "timeouts.requestRead",
            ValueTypes.duration(MILLISECOND, DAY),
            Timeouts.DEFAULT.requestRead(),
            "For a client to send its whole request."));
    static final Setting<Duration> WRITE = add(Setting.of(
            "timeouts.write",
            ValueTypes.duration(MILLISECOND, DAY),
            Timeouts.DEFAULT.write(),
            "For a client to take what waits for it of its answer; then it is cut off, and its endpoint is free."));
    static final Setting<Duration> KEEP_ALIVE = add(Setting.of(
            "timeouts.keepAlive",
            ValueTypes.duration(MILLISECOND, DAY),
            Timeouts.DEFAULT.keepAlive(),
            "For a client's next request on the same connection."));
    static final Setting<Duration> UPSTREAM_IDLE = add(Setting.of(
            "timeouts.upstreamIdle",
            ValueTypes.duration(MILLISECOND, HOUR),
            Timeouts.DEFAULT.upstreamIdle(),
            "Before an unused connection to an endpoint is closed. Keep it below the 5s of common model servers."));
    static final Setting<Duration> DRAIN = add(Setting.of(
            "timeouts.drain",
            ValueTypes.duration(Duration.ZERO, DAY),
            Timeouts.DEFAULT.drain(),
            "For requests in flight when the gateway is told to end."));

    static final Setting<Long> MAX_BODY = add(Setting.of(
            "limits.maxBodyBytes",
            ValueTypes.size(1L << 10, 1L << 30),
            (long) Limits.DEFAULT.maxBodyBytes(),
            "Longest request body; longer ones are answered 413."));
    static final Setting<Long> MAX_HEADER = add(Setting.of(
            "limits.maxHeaderBytes",
            ValueTypes.size(1L << 10, 1L << 20),
            (long) Limits.DEFAULT.maxHeaderBytes(),
            "Longest request line and headers together; longer ones are answered 431."));
    static final Setting<Long> MAX_REQUESTS_PER_CONNECTION = add(
            Setting.of(
                    "limits.maxRequestsPerConnection",
                    ValueTypes.integer(1, 100_000),
                    (long) Limits.DEFAULT.maxRequestsPerConnection(),
                    "Requests that one HTTP/2 connection may have in flight. A client that sends more gets them refused at once."));

    static {
        COLLECTED.addAll(ClientLimitKeys.ALL);
    }

    static final Setting<Long> RETRIES = add(Setting.of(
            "limits.retries",
            ValueTypes.integer(0, 10),
            (long) Limits.DEFAULT.retries().most(),
            "Further attempts, each at another endpoint, while no byte of an answer has come."));
    static final Setting<Double> RETRY_SHARE = add(Setting.of(
            "limits.retryShare",
            ValueTypes.share(),
            Limits.DEFAULT.retries().share(),
            "Of all live requests, those on a further attempt at a time; see `docs/failures.md`."));
    static final Setting<Long> LEAST_RETRIES = add(Setting.of(
            "limits.leastRetries",
            ValueTypes.integer(0, 100_000),
            (long) Limits.DEFAULT.retries().least(),
            "Requests that may be on a further attempt at a time whatever the share says."));
    static final Setting<Duration> QUARANTINE = add(Setting.of(
            "limits.quarantine",
            ValueTypes.duration(Duration.ZERO, DAY),
            Limits.DEFAULT.quarantine(),
            "How long a request is refused under which two endpoints died; `0s` refuses none."));

    static final Setting<Duration> CHECK_INTERVAL = add(Setting.of(
            "health.checkInterval",
            ValueTypes.duration(Duration.ofMillis(50), HOUR),
            GatewayConfig.DEFAULT_CHECK_INTERVAL,
            "Between two active checks of one endpoint."));
    static final Setting<Duration> GENERATE_INTERVAL = add(Setting.withoutDefault(
            "health.generateInterval",
            ValueTypes.duration(Duration.ofMillis(50), DAY),
            "never",
            "An endpoint that answered no request for this long is asked for one token, and so is one that was down."));
    static final Setting<Long> CONSECUTIVE_FAILURES = add(Setting.of(
            "health.consecutiveFailures",
            ValueTypes.integer(1, 1_000),
            (long) HealthPolicy.DEFAULT.consecutiveFailures(),
            "Failed requests in a row that eject an endpoint; a failed connection counts double."));
    static final Setting<Double> FAILURE_SHARE = add(Setting.of(
            "health.failureShare",
            ValueTypes.share(),
            HealthPolicy.DEFAULT.failureShare(),
            "Share of the last half minute's requests that may fail before an endpoint is ejected; `1` for never."));
    static final Setting<Duration> FIRST_EJECTION = add(Setting.of(
            "health.firstEjection",
            ValueTypes.duration(MILLISECOND, HOUR),
            HealthPolicy.DEFAULT.firstEjection(),
            "How long the first ejection lasts; each further one in a row lasts twice as long."));
    static final Setting<Duration> LONGEST_EJECTION = add(Setting.of(
            "health.longestEjection",
            ValueTypes.duration(MILLISECOND, HOUR),
            HealthPolicy.DEFAULT.longestEjection(),
            "The limit of that; at least `health.firstEjection`."));
    static final Setting<Duration> SLOW_START = add(Setting.of(
            "health.slowStart",
            ValueTypes.duration(Duration.ZERO, HOUR),
            HealthPolicy.DEFAULT.slowStart(),
            "How long an endpoint that is new or came back takes less than its share; `0s` for never."));
    static final Setting<Double> PANIC_THRESHOLD = add(Setting.of(
            "health.panicThreshold",
            ValueTypes.share(),
            HealthPolicy.DEFAULT.panicThreshold(),
            "Share of a pool's endpoints that look bad above which they get requests all the same; `1` for never."));

    static {
        COLLECTED.addAll(RewriteKeys.ALL);
        COLLECTED.addAll(TenancyKeys.ALL);
        COLLECTED.addAll(JwtKeys.ALL);
        COLLECTED.addAll(QuotaKeys.ALL);
        COLLECTED.addAll(AdmissionKeys.ALL);
    }

    static final Setting<UsageSource> USAGE = add(Setting.of(
            "usage",
            ValueTypes.choice(List.of(UsageSource.values()), Settings::lowerCase),
            GatewayConfig.DEFAULT_USAGE,
            "Whether engines are asked for the token counts of streams whose clients did not ask; otherwise these are"
                    + " estimated."));
    static final Setting<TextPattern> OPEN_PATH = add(Setting.withoutDefault(
            "openPaths[]",
            ValueTypes.pattern(),
            "none",
            "Further paths, outside `/v1` or closed inside, that clients may reach at endpoints."));
    static final Setting<AccessLog.Format> ACCESS_LOG = add(Setting.of(
            "accessLog",
            ValueTypes.choice(List.of(AccessLog.Format.values()), Settings::lowerCase),
            GatewayConfig.DEFAULT_ACCESS_LOG,
            "One line for each request, without prompt text."));

    static {
        COLLECTED.addAll(TracingKeys.ALL);
    }

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    /** In a path: any key. */
    static final String ANY = "*";

    private Settings() {}

    /**
     * Returns the keys allowed directly below a path; {@link #ANY} alone where names are free.
     *
     * @param path empty for the top, or for example {@code pools[]}
     */
    static Set<String> keysBelow(String path) {
        return keysBelow(path, ALL);
    }

    /** Returns the same among other settings. */
    static Set<String> keysBelow(String path, List<Setting<?>> settings) {
        var keys = new LinkedHashSet<String>();
        for (var setting : settings) {
            String prefix = path.isEmpty() ? "" : path + ".";
            if (setting.path().startsWith(prefix)) {
                keys.add(firstKey(setting.path().substring(prefix.length())));
            }
        }
        return keys;
    }

    private static String firstKey(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        return path.substring(0, end);
    }

    private static String engine(EngineKind kind) {
        return kind == EngineKind.OTHER ? "auto" : kind.label();
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
