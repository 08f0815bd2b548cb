package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.warmgate.door.ModelRewrites;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.proxy.RetryRules;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.ProxyProtocol;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.telemetry.AccessLog;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
    private static GatewayConfig parse(String yaml) throws ConfigException {
        return new ConfigLoader(Map.of("SECRET", "0123456789abcdef0123456789abcdef", "PORT", "8003"))
                .parse("gateway.yaml", yaml, Overrides.NONE);
    }

    @Test
    void aListOfEndpointsIsEnough() throws Exception {
        var config = parse("pools: [{endpoints: [http://127.0.0.1:8001]}]");
        var endpoint = EndpointSpec.of(URI.create("http://127.0.0.1:8001"));
        assertThat(config)
                .isEqualTo(new GatewayConfig(
                        Listeners.DEFAULT,
                        null,
                        List.of(new PoolConfig(
                                PoolSpec.of("default", List.of(endpoint)),
                                "warm",
                                Map.of(endpoint.name(), EngineKind.OTHER),
                                List.of(),
                                LinkSettings.DEFAULT,
                                Map.of())),
                        null,
                        Timeouts.DEFAULT,
                        Limits.DEFAULT,
                        GatewayConfig.DEFAULT_CHECK_INTERVAL,
                        null,
                        ModelRewrites.NONE,
                        TenancySettings.DEFAULT,
                        List.of(),
                        QuotaSpec.NONE,
                        AdmissionSettings.DEFAULT,
                        UsageSource.ASK,
                        Set.of(),
                        AccessLog.Format.OFF,
                        null));
        assertThat(config.summary()).isEqualTo("1 pool, 1 endpoint: default (warm, 1 endpoint)");
    }

    @Test
    void everyKeyIsRead() throws Exception {
        var config = parse("""
                listeners: {http: "[::1]:80", admin: gateway.example:0, adminToken: admin-0123456789, proxyProtocol: required}
                pools:
                  - name: chat
                    models: [qwen3-32b, "org/model:fast"]
                    policy: session-hash
                    kvCapacityTokens: 120000
                    indexBytes: 2MiB
                    maxInFlight: 64
                    endpoints:
                      - http://10.0.0.7
                      - {url: http://10.0.0.8:8000/, name: big, engine: llama.cpp, weight: 2.5, role: decode, labels: {tier: gold, zone: "7"}}
                      - http://localhost:${PORT}
                  - name: other
                    endpoints: ["http://${HOST:-10.0.0.9}:8000"]
                routing: {promptSecret: "${SECRET}"}
                timeouts: {connect: 1ms, firstByte: 2h, idle: 90s, headerRead: 6s, requestRead: 3m, write: 7s, keepAlive: 4s, upstreamIdle: 5s, drain: 0s}
                limits: {maxBodyBytes: 1024, maxHeaderBytes: 64KB, maxRequestsPerConnection: 9, maxHeaderFields: 50, maxConnections: 700, maxConnectionsPerClient: 8, maxRequests: 900, maxRequestsPerClient: 10, retries: 0, retryShare: 0.1, leastRetries: 3, quarantine: 5m}
                health: {checkInterval: 250ms, consecutiveFailures: 7, failureShare: 0.5, firstEjection: 2s, longestEjection: 2s, slowStart: 3s, panicThreshold: 0.75}
                accessLog: json
                """);
        assertThat(config.listeners())
                .isEqualTo(new Listeners(
                        InetSocketAddress.createUnresolved("::1", 80),
                        null,
                        InetSocketAddress.createUnresolved("gateway.example", 0),
                        ApiKey.parse("admin-0123456789"),
                        List.of(),
                        false,
                        ProxyProtocol.REQUIRED));
        var health =
                new HealthPolicy(7, 0.5, Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(3), 0.75);
        assertThat(config.pools().getFirst().spec())
                .isEqualTo(new PoolSpec(
                        "chat",
                        List.of(
                                EndpointSpec.of(URI.create("http://10.0.0.7:80")),
                                new EndpointSpec(
                                        "big",
                                        URI.create("http://10.0.0.8:8000"),
                                        2.5,
                                        Role.DECODE,
                                        Map.of("tier", "gold", "zone", "7")),
                                EndpointSpec.of(URI.create("http://localhost:8003"))),
                        Set.of("qwen3-32b", "org/model:fast"),
                        health,
                        120_000,
                        2 << 20,
                        64));
        assertThat(config.pools().getFirst().engines())
                .isEqualTo(Map.of(
                        "10.0.0.7:80",
                        EngineKind.OTHER,
                        "big",
                        EngineKind.LLAMA_CPP,
                        "localhost:8003",
                        EngineKind.OTHER));
        assertThat(config.pools().getLast().spec().endpoints())
                .containsExactly(EndpointSpec.of(URI.create("http://10.0.0.9:8000")));
        assertThat(config.promptSecret()).isEqualTo(PromptSecret.of("0123456789abcdef0123456789abcdef"));
        assertThat(config.timeouts())
                .isEqualTo(new Timeouts(
                        Duration.ofMillis(1),
                        Duration.ofHours(2),
                        Duration.ofSeconds(90),
                        Duration.ofSeconds(6),
                        Duration.ofMinutes(3),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        Duration.ZERO));
        assertThat(config.limits())
                .isEqualTo(new Limits(
                        1024,
                        64_000,
                        9,
                        new ClientLimits(
                                50,
                                700,
                                8,
                                900,
                                10,
                                ClientLimits.DEFAULT.writeTimeout(),
                                ClientLimits.DEFAULT.exempt()),
                        new RetryRules(0, 0.1, 3),
                        Duration.ofMinutes(5)));
        assertThat(config.checkInterval()).isEqualTo(Duration.ofMillis(250));
        assertThat(config.accessLog()).isEqualTo(AccessLog.Format.JSON);
        assertThat(config.toString())
                .doesNotContain(String.valueOf(
                        PromptSecret.of("0123456789abcdef0123456789abcdef").key()));
    }

    @Test
    void placeholdersCanBeEscaped() throws Exception {
        var config = parse("pools: [{models: ['$${X}'], endpoints: [http://127.0.0.1:8001]}]");
        assertThat(config.pools().getFirst().spec().models()).containsExactly("${X}");
    }

    @Test
    void optionsReplaceWhatTheFileSays() throws Exception {
        var loader = new ConfigLoader(Map.of());
        var overrides = new Overrides("warmgate serve", List.of(), "0.0.0.0:1", null, "random", "text");
        var config = loader.parse(
                "gateway.yaml",
                "listeners: {http: nonsense, admin: 127.0.0.1:2}\npools: [{endpoints: [http://127.0.0.1:8001]}]",
                overrides);
        assertThat(config.listeners())
                .isEqualTo(new Listeners(
                        InetSocketAddress.createUnresolved("0.0.0.0", 1),
                        null,
                        InetSocketAddress.createUnresolved("127.0.0.1", 2),
                        null,
                        List.of(),
                        false,
                        ProxyProtocol.OFF));
        assertThat(config.pools().getFirst().policy()).isEqualTo("random");
        assertThat(config.accessLog()).isEqualTo(AccessLog.Format.TEXT);
    }

    @Test
    void optionsAloneAreEnough() throws Exception {
        var overrides = new Overrides("warmgate serve", List.of("http://a:1", "http://b:2"), null, null, null, null);
        var config = new ConfigLoader(Map.of()).load(overrides);
        assertThat(config.pools().getFirst().spec().endpoints())
                .extracting(EndpointSpec::name)
                .containsExactly("a:1", "b:2");
    }

    @Test
    void defaultsAreWrittenAsAFileWouldWriteThem() {
        for (var setting : Settings.ALL) {
            if (setting.defaultValue() != null) {
                assertThat(setting.type().reader().read(setting.defaultText()))
                        .as(setting.path())
                        .isEqualTo(setting.defaultValue());
            }
        }
    }

    @Test
    void anyDamageToAFileEndsInProblemsAndNothingElse() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        String good = """
                listeners: {http: 127.0.0.1:8080}
                pools:
                  - name: a
                    endpoints: [http://10.0.0.1:8000, {url: http://10.0.0.2:8000, weight: 2}]
                timeouts: {idle: 10s}
                objectives: [{name: now, priority: 9, ttft: 1s}, {name: batch, priority: -9}]
                tenants: [{name: bank, keys: [sk-0123456789abcdef], objective: now, models: [a-*], weight: 2}]
                rules: [{header: x-app, value: e*, objective: batch}, {path: /v1, priority: -1}]
                serviceTiers: {flex: batch}
                requireKey: false
                admission: {maxWait: 5s, bands: [{priority: 9, minShare: 0.5}, {priority: 0, minShare: 0.5}]}
                accessLog: text
                """;
        for (int i = 0; i < 3_000; i++) {
            var damaged = new StringBuilder(good);
            for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                int at = random.nextInt(damaged.length());
                String signs = "{}[]:,&*!|>'\"%@`#-?\n\t $é\0";
                switch (random.nextInt(3)) {
                    case 0 -> damaged.deleteCharAt(at);
                    case 1 -> damaged.insert(at, signs.charAt(random.nextInt(signs.length())));
                    default -> damaged.setCharAt(at, signs.charAt(random.nextInt(signs.length())));
                }
            }
            assertThatCode(() -> {
                        try {
                            parse(damaged.toString());
                        } catch (ConfigException e) {
                            assertThat(e.problems()).isNotEmpty().allMatch(line -> line.startsWith("gateway.yaml"));
                            assertThat(e.problems()).allMatch(line -> !line.contains("\n"));
                        }
                    })
                    .as("seed %d, file:%n%s", seed, damaged)
                    .doesNotThrowAnyException();
        }
    }
}
