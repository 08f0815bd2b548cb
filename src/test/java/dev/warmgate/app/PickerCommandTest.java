package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.testing.Installed;
import dev.warmgate.testing.RealEnvoy;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway process with only the door for gateways, and the same door beside the one for clients. */
class PickerCommandTest {
    private static final Path SUITE = Path.of("src/test/sdk/picker.py");

    @TempDir
    private Path folder;

    private Path endpoints(TwinFleet twins) throws Exception {
        var text = new StringBuilder("endpoints:\n");
        for (var replica : twins.replicas()) {
            text.append("  - {name: twin-%d, address: 127.0.0.1, port: %d}\n"
                    .formatted(replica.index(), replica.address().getPort()));
        }
        return Files.writeString(folder.resolve("endpoints.yaml"), text);
    }

    private Gateway picker(Path endpoints) throws Exception {
        var overrides = new Overrides("warmgate picker", List.of(), null, "127.0.0.1:0", null, null)
                .withPicker(new Overrides.OfPicker(endpoints.toString(), "127.0.0.1:0", "127.0.0.1:0", "2", null));
        var loaded = new Loaded(new ConfigLoader(Map.of()).load(overrides), "");
        return Gateway.start(Doors.Which.PICKER, loaded, null, OutputStream.nullOutputStream(), () -> {});
    }

    @Test
    void theOfficialSdksThroughEnvoy() throws Exception {
        var python = Installed.sdkPython();
        var settings = TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(10);
        try (var twins = TwinFleet.start(settings);
                var gateway = picker(endpoints(twins));
                var envoy = RealEnvoy.start(
                        "override-host.yaml",
                        Objects.requireNonNull(gateway.doors().pickerAddress()).getPort(),
                        twins.replicas().stream()
                                .map(r -> r.address().getPort())
                                .toList(),
                        folder)) {
            var process = new ProcessBuilder(
                            python.toString(),
                            SUITE.toString(),
                            envoy.url(),
                            settings.models().getFirst(),
                            "http://" + Listening.show(gateway.adminAddress()))
                    .redirectErrorStream(true)
                    .start();
            List<String> lines;
            try (var output = process.inputReader()) {
                lines = output.lines().toList();
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(lines).hasSizeGreaterThan(4).allMatch(line -> line.startsWith("ok "));
            await().atMost(Duration.ofSeconds(20)).until(() -> gateway.inFlight() == 0);
        }
    }

    @Test
    void probesAreToldWhetherRequestsAreWanted() throws Exception {
        try (var twins = TwinFleet.start(TwinSettings.DEFAULTS);
                var gateway = picker(endpoints(twins))) {
            var address = Objects.requireNonNull(gateway.doors().pickerAddress());
            for (String service : List.of(
                    "",
                    "liveness",
                    "readiness",
                    "inference-extension",
                    "envoy.service.ext_proc.v3.ExternalProcessor")) {
                assertThat(health(address, service)).as(service).isEqualTo(ServingStatus.SERVING);
            }
        }
    }

    private static ServingStatus health(InetSocketAddress address, String service) {
        var channel = NettyChannelBuilder.forAddress(address).usePlaintext().build();
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void itSaysHowManyEndpointsItFound() throws Exception {
        var file = Files.writeString(folder.resolve("endpoints.yaml"), """
                endpoints:
                  - {name: a, address: 127.0.0.1, port: 1}
                  - {name: b, address: 127.0.0.1, port: 2}
                """);
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "picker",
                        "--listen=127.0.0.1:0",
                        "--admin=127.0.0.1:0",
                        "--endpoints-file=" + file)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = process.errorReader()) {
            String ready = lines.lines()
                    .filter(line -> line.startsWith("warmgate: "))
                    .findFirst()
                    .orElse("");
            assertThat(ready)
                    .startsWith("warmgate: ready in ")
                    .endsWith(", 1 pool, 2 endpoints: default (warm, 2 endpoints, file " + file + ")");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void bothDoorsMayBeOpenAtOnce() throws Exception {
        try (var twins = TwinFleet.start(TwinSettings.DEFAULTS)) {
            var file = folder.resolve("gateway.yaml");
            Files.writeString(file, """
                    listeners: {http: 127.0.0.1:0, admin: 127.0.0.1:0}
                    picker: {listen: 127.0.0.1:0}
                    pools: [{endpoints: [%s]}]
                    """.formatted(twins.replica(0).url()));
            var loaded = new Loaded(new ConfigLoader(Map.of()).load(file, Overrides.NONE), "");
            try (var gateway =
                    Gateway.start(Doors.Which.CONFIGURED, loaded, null, OutputStream.nullOutputStream(), () -> {})) {
                var address = Objects.requireNonNull(gateway.doors().pickerAddress());
                assertThat(health(address, "readiness")).isEqualTo(ServingStatus.SERVING);
                assertThat(gateway.doors().describe()).contains("http://127.0.0.1:", "picker 127.0.0.1:");
                assertThat(gateway.httpAddress().getPort()).isNotEqualTo(address.getPort());
            }
        }
    }

    @Test
    void wrongOptionsAreExplained() {
        var none = CommandRun.of("picker");
        assertThat(none.exitCode()).isEqualTo(Main.USAGE);
        assertThat(none.err()).contains("no endpoints: give --endpoints-file FILE or --config FILE");
        var both = CommandRun.of("picker", "--config", "a", "--endpoints-file", "b");
        assertThat(both.err()).contains("exclude each other");
        var twice =
                CommandRun.of("picker", "--endpoints-file", "b", "--policy", "warm", "--endpoint-picker-config", "c");
        assertThat(twice.err()).contains("--policy and --endpoint-picker-config exclude each other");
        var missing = CommandRun.of("picker", "--endpoints-file", "b", "--endpoint-picker-config", "missing.yaml");
        assertThat(missing.err()).isEqualTo("missing.yaml: cannot be read: no such file\n");
        var many = CommandRun.of("picker", "--endpoints-file", "b", "--fallbacks", "9");
        assertThat(many.err()).contains("--fallbacks", "\"9\"", "0 to 8");
        var tls = CommandRun.of("picker", "--endpoints-file", "b", "--tls", "maybe");
        assertThat(tls.exitCode()).isEqualTo(Main.USAGE);
        assertThat(tls.err()).contains("--tls: \"maybe\" (expected: off or self-signed)");
    }

    @Test
    void aConfigurationOfTheEcosystemsPickerIsExplained() throws Exception {
        var file = Files.writeString(folder.resolve("epp.yaml"), """
                apiVersion: llm-d.ai/v1alpha1
                kind: EndpointPickerConfig
                plugins:
                  - {name: busy, type: load-aware-scorer, parameters: {threshold: 64}}
                  - {type: openai-parser}
                schedulingProfiles:
                  - {name: only, plugins: [{pluginRef: busy, weight: 2.50}]}
                """);
        var run = CommandRun.of("picker", "--explain-config", file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith(file + ": OK: 2 plugins, 11 more by default, 1 profile\n\nNAME ")
                .containsPattern("\nbusy +load-aware-scorer +scorer +threshold=64\n")
                .containsPattern("\nopenai-parser +openai-parser +nothing +-\n    all dialects are understood")
                .containsPattern("\nmax-score-picker \\(added\\) +max-score-picker +picker ")
                .contains("\nAdded by default, and nothing here: fcfs-ordering-policy, ")
                .contains("\nProfile only:\n  filters: none\n  scores: 2.5 × busy\n  picker: the highest score");
    }

    @Test
    void whatIsWrongWithAConfigurationOfTheEcosystemsPickerIsSaid() throws Exception {
        var file = Files.writeString(
                folder.resolve("epp.yaml"),
                "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n  - type: queue-scorrer\n");
        assertThat(CommandRun.of("picker", "--explain-config", file.toString()))
                .isEqualTo(new CommandRun(
                        Main.USAGE,
                        "",
                        file + ":4: plugins[0].type: \"queue-scorrer\" is not known (did you mean queue-scorer?)\n"));
    }
}
