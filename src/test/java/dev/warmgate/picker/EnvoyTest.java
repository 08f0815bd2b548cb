package dev.warmgate.picker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.testing.RealEnvoy;
import dev.warmgate.testing.TestCertificates;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Envoy, in the configurations of deploy/envoy, between clients and twins, asking the picker. */
class EnvoyTest {
    private static final String ORIGINAL_DESTINATION = "original-destination.yaml";
    private static final String OVERRIDE_HOST = "override-host.yaml";

    @TempDir
    private Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Twins, a picker over them, and Envoy in front. */
    private final class Setup implements AutoCloseable {
        final TwinFleet twins;
        final PickerFixture picker;
        final RealEnvoy envoy;

        Setup(String sample, int fallbacks) throws IOException, InterruptedException {
            this(sample, new Options().fallbacks(fallbacks), UnaryOperator.identity());
        }

        Setup(String sample, Options options, UnaryOperator<String> adjust) throws IOException, InterruptedException {
            twins = TwinFleet.start(TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(20));
            var ports =
                    twins.replicas().stream().map(r -> r.address().getPort()).toList();
            var addresses = ports.stream().map(port -> "127.0.0.1:" + port).toArray(String[]::new);
            picker = new PickerFixture(options.endpoints(addresses));
            envoy = RealEnvoy.start(sample, picker.port(), ports, folder, adjust);
        }

        HttpResponse<String> chat(String content, String more) throws IOException, InterruptedException {
            return post("/v1/chat/completions", body(content, more));
        }

        HttpResponse<String> post(String path, String body, String... fields) throws IOException, InterruptedException {
            return http.send(
                    HttpRequest.newBuilder(URI.create(envoy.url() + path))
                            .timeout(Duration.ofSeconds(60))
                            .header("content-type", "application/json")
                            .headers(fields.length == 0 ? new String[] {"accept", "*/*"} : fields)
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }

        void awaitIdleTwins() {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> twins.replicas().stream()
                            .allMatch(r -> r.stats().engine().running()
                                            + r.stats().engine().waiting()
                                    == 0));
        }

        @Override
        public void close() {
            envoy.close();
            picker.close();
            twins.close();
        }
    }

    private static String body(String content, String more) {
        String model = TwinSettings.DEFAULTS.models().getFirst();
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}],"
                + "\"max_tokens\":4" + more + "}";
    }

    @ParameterizedTest
    @ValueSource(strings = {ORIGINAL_DESTINATION, OVERRIDE_HOST})
    void requestsGoWhereThePickerSays(String sample) throws Exception {
        try (var setup = new Setup(sample, 0)) {
            for (int i = 0; i < 6; i++) {
                var answer = setup.chat("Hello, number " + i, "");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).contains("\"usage\"");
                var report = setup.picker.report(i + 1);
                assertThat(report.outcome()).isEqualTo(Outcome.OK);
                assertThat(report.usage().outputTokens()).isEqualTo(4);
                var decision = report.decision();
                assertThat(decision).isNotNull();
                // Envoy says itself whom it asked.
                assertThat(setup.envoy.logged(i + 1)).contains(decision.endpoint(), " 200 ");
            }
            assertThat(setup.envoy.counter("http.inference.ext_proc.streams_failed"))
                    .isZero();
            assertThat(setup.envoy.counter("http.inference.ext_proc.spurious_msgs_received"))
                    .isZero();
            setup.picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePickerMayBeAskedOverTls(boolean checked) throws Exception {
        var tls = checked ? new PickerTls.Given(PickerTlsTest.files("server")) : new PickerTls.SelfSigned();
        var authority = TestCertificates.certificate("ca");
        UnaryOperator<String> adjust =
                checked ? sample -> RealEnvoy.withTls(sample, authority) : RealEnvoy::withUncheckedTls;
        try (var setup = new Setup(OVERRIDE_HOST, new Options().tls(tls), adjust)) {
            var answer = setup.chat("Hello", "");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(setup.picker.ended(Outcome.OK).usage().outputTokens()).isEqualTo(4);
            assertThat(setup.envoy.counter("cluster.picker.ssl.handshake")).isEqualTo(1);
        }
    }

    /** Envoy drops a changed body's length or takes ours; the twin reads by what it gets. */
    @ParameterizedTest
    @ValueSource(strings = {"FULL_DUPLEX_STREAMED", "BUFFERED"})
    void theModelIsChangedInTheBody(String mode) throws Exception {
        UnaryOperator<String> adjust =
                sample -> sample.replace("request_body_mode: FULL_DUPLEX_STREAMED", "request_body_mode: " + mode);
        try (var setup = new Setup(OVERRIDE_HOST, new Options(), adjust)) {
            String model = TwinSettings.DEFAULTS.models().getFirst();
            String body =
                    body("Hello", ",\"note\":\"" + "ö".repeat(60_000) + "\"").replace(model, "an-alias");
            assertThat(setup.post("/v1/chat/completions", body).statusCode()).isEqualTo(404);
            for (String alias : List.of("an-alias", "a", "an-alias-that-is-longer-than-the-name-itself")) {
                var answer = setup.post(
                        "/v1/chat/completions", body.replace("an-alias", alias), "x-llm-d-model-name-rewrite", model);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).contains("\"model\":\"" + model + "\"");
            }
            assertThat(setup.envoy.counter("http.inference.ext_proc.streams_failed"))
                    .isZero();
            setup.picker.report(4);
            setup.picker.assertAtRest();
        }
    }

    @Test
    void streamsAndLargeBodiesAndOtherRequests() throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, 2)) {
            var stream = setup.chat("Tell me", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
            assertThat(stream.body()).contains("data: {").endsWith("data: [DONE]\n\n");
            var report = setup.picker.report(1);
            assertThat(report.stream()).isTrue();
            assertThat(report.ttftNanos()).isPositive();
            assertThat(report.usage().outputTokens()).isEqualTo(4);

            var large = setup.chat("much beside it", ",\"ignored\":\"" + "ö".repeat(500_000) + "\"");
            assertThat(large.statusCode()).as(large.body()).isEqualTo(200);
            assertThat(setup.picker.report(2).bytesIn()).isGreaterThan(1_000_000);

            var models = http.send(
                    HttpRequest.newBuilder(URI.create(setup.envoy.url() + "/v1/models"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(models.statusCode()).isEqualTo(200);

            var wrong = setup.post("/v1/chat/completions", "{\"model\":");
            assertThat(wrong.statusCode()).isEqualTo(400);
            assertThat(wrong.body()).contains("invalid_request_error");
            assertThat(wrong.headers().firstValue("content-type")).hasValue("application/json");

            var curl = new ProcessBuilder(
                            "curl",
                            "-sS",
                            "--http2-prior-knowledge",
                            "-H",
                            "content-type: application/json",
                            "-d",
                            body("over HTTP/2", ""),
                            "-w",
                            " %{http_version} %{http_code}",
                            setup.envoy.url() + "/v1/chat/completions")
                    .redirectErrorStream(true)
                    .start();
            String output;
            try (var reader = curl.inputReader()) {
                output = String.join("\n", reader.lines().toList());
            }
            assertThat(curl.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(output).endsWith(" 2 200");
            assertThat(setup.envoy.counter("http.inference.ext_proc.streams_failed"))
                    .isZero();
            setup.picker.assertAtRest();
        }
    }

    @Test
    void whoLeavesFreesTheEndpoint() throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, 0)) {
            String body = body("long", ",\"stream\":true").replace("\"max_tokens\":4", "\"max_tokens\":4000");
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(setup.envoy.url() + "/v1/chat/completions"))
                            .header("content-type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofInputStream());
            try (var stream = answer.body()) {
                assertThat(stream.read()).isPositive();
                assertThat(setup.picker.pool().openReservations()).isEqualTo(1);
            }
            assertThat(setup.picker.report(1).outcome()).isEqualTo(Outcome.CLIENT_GONE);
            setup.picker.assertAtRest();
            setup.awaitIdleTwins();
        }
    }

    /** Without an event where none fits: then Envoy resets the client, and the engine. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerBeyondTheDeadlineEndsAtTheEngineToo(boolean stream) throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, 0)) {
            String body =
                    body("long", stream ? ",\"stream\":true" : "").replace("\"max_tokens\":4", "\"max_tokens\":9000");
            var answer = setup.post("/v1/chat/completions", body, "x-request-timeout-ms", "700");
            assertThat(answer.statusCode()).isEqualTo(stream ? 200 : 504);
            assertThat(answer.body()).contains("deadline");
            var report = setup.picker.report(1);
            assertThat(report.outcome()).isEqualTo(Outcome.REFUSED);
            setup.picker.assertAtRest();
            setup.awaitIdleTwins();
        }
    }

    @Test
    void whatThePickerCannotPlaceEnvoyMay() throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, new Options().failOpen(true), UnaryOperator.identity())) {
            setup.picker.pool().endpoints().forEach(endpoint -> endpoint.reportCheck(false));
            for (String more : List.of("", ",\"stream\":true")) {
                var answer = setup.chat("Hello", more);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).contains("finish_reason");
            }
            setup.picker.report(2);
            setup.picker.assertAtRest();
        }
    }

    @Test
    void withoutThePickerNothingIsGuessed() throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, 0)) {
            assertThat(setup.chat("one", "").statusCode()).isEqualTo(200);
            setup.picker.stopServing();
            assertThat(setup.chat("two", "").statusCode()).isEqualTo(500);
            assertThat(List.of(200, 500)).contains(setup.chat("three", "").statusCode());
        }
    }

    @Test
    void envoysOwnRetryIsBookedWhereItWent() throws Exception {
        try (var setup = new Setup(OVERRIDE_HOST, 2)) {
            assertThat(setup.chat("first", "").statusCode()).isEqualTo(200);
            // Round robin comes to the second next, and nobody has noticed yet that it is gone.
            setup.twins.replica(1).kill();
            assertThat(setup.chat("second", "").statusCode()).isEqualTo(200);
            var report = setup.picker.report(2);
            assertThat(report.retries()).isEqualTo(1);
            assertThat(report.decision()).isNotNull();
            String served = report.decision().endpoint();
            assertThat(served).isNotEqualTo(setup.picker.endpoint(1).name());
            assertThat(setup.envoy.logged(2)).contains(served, " 200 ");
            setup.picker.assertAtRest();
        }
    }
}
