package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.config.ConfigFile.Loaded;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The requests that a gateway sends itself before it is ready. */
class WarmUpTest {
    /** Each of them counts only if the door placed it and passed its answer on to the end. */
    @Test
    void theyAreAllAnsweredWell() {
        for (var warmUp : List.of(WarmUp.ofClients(), WarmUp.ofGateways())) {
            warmUp.finish();
            assertThat(warmUp.answered()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void whatWasBegunEarlyIsNotDoneAgain() {
        var warmUp = WarmUp.ofClients();
        warmUp.begin();
        warmUp.finish();
        int answered = warmUp.answered();
        assertThat(answered).isGreaterThanOrEqualTo(3);
        warmUp.finish();
        assertThat(warmUp.answered()).isEqualTo(answered);
    }

    @Test
    void aStartWaitsForThoseOfClientsAndNothingIsSeenOfThem() throws Exception {
        var overrides = new Overrides(
                "warmgate serve", List.of("http://127.0.0.1:1"), "127.0.0.1:0", "127.0.0.1:0", null, "text");
        assertNothingIsSeen(Doors.Which.CONFIGURED, overrides, WarmUp.ofClients());
    }

    @Test
    void aStartWaitsForThoseOfGatewaysAndNothingIsSeenOfThem(@TempDir Path folder) throws Exception {
        var endpoints = Files.writeString(
                folder.resolve("endpoints.yaml"), "endpoints: [{name: a, address: 127.0.0.1, port: 1}]\n");
        var overrides = new Overrides("warmgate picker", List.of(), null, "127.0.0.1:0", null, "text")
                .withPicker(new Overrides.OfPicker(endpoints.toString(), "127.0.0.1:0", null, null, null));
        assertNothingIsSeen(Doors.Which.PICKER, overrides, WarmUp.ofGateways());
    }

    private static void assertNothingIsSeen(Doors.Which which, Overrides overrides, WarmUp warmUp) throws Exception {
        var log = new ByteArrayOutputStream();
        var loaded = new Loaded(new ConfigLoader(Map.of()).load(overrides), "");
        try (var gateway = Gateway.start(which, loaded, null, log, warmUp::finish);
                var client = HttpClient.newHttpClient()) {
            assertThat(warmUp.answered()).isGreaterThanOrEqualTo(3);
            assertThat(gateway.inFlight()).isZero();
            var address = gateway.adminAddress();
            var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                    .build();
            assertThat(client.send(metrics, BodyHandlers.ofString()).body())
                    .contains("warmgate_build")
                    .contains("warmgate_prefix_index_blocks{pool=\"default\"} 0.0")
                    .doesNotContain("warm-up")
                    .doesNotContain("warmgate_request_duration_seconds_count");
        }
        assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
