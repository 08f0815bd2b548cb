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
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The requests that a gateway sends itself before it is ready. */
class WarmUpTest {
    @Test
    void theyAreAllAnsweredWell() {
        assertThat(new WarmUp().finish()).isGreaterThanOrEqualTo(6);
    }

    @Test
    void whatWasBegunEarlyIsNotDoneAgain() {
        var warmUp = new WarmUp();
        warmUp.begin();
        int answered = warmUp.finish();
        assertThat(answered).isGreaterThanOrEqualTo(6);
        assertThat(warmUp.finish()).isEqualTo(answered);
    }

    @Test
    void aStartWaitsForThemAndNothingIsSeenOfThem() throws Exception {
        var done = new AtomicBoolean();
        var overrides = new Overrides(
                "warmgate serve", List.of("http://127.0.0.1:1"), "127.0.0.1:0", "127.0.0.1:0", null, "text");
        var log = new ByteArrayOutputStream();
        var loaded = new Loaded(new ConfigLoader(Map.of()).load(overrides), "");
        try (var gateway = Gateway.start(Doors.Which.CONFIGURED, loaded, null, log, () -> {
                    var _ = new WarmUp().finish();
                    done.set(true);
                });
                var client = HttpClient.newHttpClient()) {
            assertThat(done).isTrue();
            var address = gateway.adminAddress();
            var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/metrics"))
                    .build();
            assertThat(client.send(metrics, BodyHandlers.ofString()).body())
                    .contains("warmgate_build")
                    .doesNotContain("warm-up")
                    .doesNotContain("warmgate_request_duration_seconds_count");
        }
        assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
