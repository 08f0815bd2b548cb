package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.testing.RealEnvoy;
import dev.warmgate.twin.server.TwinFleet;
import dev.warmgate.twin.server.TwinSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the conformance suite of the Gateway API Inference Extension asks of a picker and needs no cluster for: its cases
 * GatewayFollowingEPPRouting, GatewayFollowingEPPRoutingWithDataParallelism, GatewayDestinationEndpointServed and
 * GatewayWeightedAcrossTwoInferencePools, with a real Envoy where a gateway is needed, and what its other cases send.
 */
class ConformanceTest {
    private static final String SELECTION = "test-epp-endpoint-selection";
    private static final String SERVED = "x-conformance-test-served-endpoint";

    /** What the suite sends, on any path. */
    private static final String COMPLETION =
            "{\"model\":\"%s\",\"prompt\":\"Write as if you were a critic\",\"max_tokens\":2}";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    private static Set<String> chosen(PickerFixture picker, String... selection) {
        var seen = new HashSet<String>();
        for (int i = 0; i < 12; i++) {
            var call = picker.call().post("/primary-gateway-test", selection).body(CHAT, true);
            seen.add(call.destination());
            call.reset();
        }
        return seen;
    }

    private static PickerFixture over(String... endpoints) {
        return new PickerFixture(new Options().conformance().endpoints(endpoints));
    }

    @Test
    void eachPodAndAnySetOfThemCanBePinned() {
        try (var picker = over("10.0.0.1:3000", "10.0.0.2:3000", "10.0.0.3:3000")) {
            assertThat(chosen(picker, SELECTION, "10.0.0.2")).containsExactly("10.0.0.2:3000");
            assertThat(chosen(picker, SELECTION, "10.0.0.1:3000")).containsExactly("10.0.0.1:3000");
            assertThat(chosen(picker, SELECTION, "10.0.0.1,10.0.0.3"))
                    .containsExactlyInAnyOrder("10.0.0.1:3000", "10.0.0.3:3000");
            assertThat(chosen(picker)).as("without the header").hasSize(3);
            picker.assertAtRest();
        }
    }

    @Test
    void portsOfOnePodArePinnedOneByOneOrAll() {
        try (var picker = over("10.0.0.1:3000", "10.0.0.1:3002", "10.0.0.1:3004")) {
            assertThat(chosen(picker, SELECTION, "10.0.0.1:3002,10.0.0.1:3004"))
                    .containsExactlyInAnyOrder("10.0.0.1:3002", "10.0.0.1:3004");
            assertThat(chosen(picker, SELECTION, "10.0.0.1")).hasSize(3);
            picker.assertAtRest();
        }
    }

    /** Two pools get the same header with the pods of both. */
    @Test
    void podsOfOtherPoolsAreIgnored() {
        try (var picker = over("10.0.0.1:3000", "10.0.0.2:3000")) {
            assertThat(chosen(picker, SELECTION, "10.9.0.1,10.0.0.2,10.9.0.2")).containsExactly("10.0.0.2:3000");
            var none = picker.call().post("/v1/completions", SELECTION, "10.9.0.1");
            none.body(COMPLETION.formatted("m"), true);
            assertThat(none.next().getImmediateResponse().getStatus().getCode()).isEqualTo(503);
            picker.assertAtRest();
        }
    }

    @Test
    void theHeaderGoesBeforeTheSubsetAndBodilessRequestsAreRoutedToo() {
        try (var picker = over("10.0.0.1:3000", "10.0.0.2:3000")) {
            var call = picker.call().subset("10.0.0.1:3000").headers("GET", "/primary", true, SELECTION, "10.0.0.2");
            assertThat(call.destination()).isEqualTo("10.0.0.2:3000");
            call.reset();
            var plain = picker.call().headers("GET", "/", true);
            assertThat(plain.destination()).startsWith("10.0.0.");
            plain.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void whatTheGatewayDoesNotSayIsAFailureInTheSuitesWords() {
        try (var picker = over("10.0.0.1:3000")) {
            var call = picker.call().headers("GET", "/", true);
            call.destination();
            call.responseHeaders(200, "text/plain", true);
            var fields = call.next()
                    .getResponseHeaders()
                    .getResponse()
                    .getHeaderMutation()
                    .getSetHeadersList();
            assertThat(GatewayCall.field(fields, SERVED)).isEqualTo("fail: missing envoy lb metadata");
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void theHeaderSaysNothingToAPickerThatIsNotUnderTest() {
        try (var picker = new PickerFixture()) {
            assertThat(chosen(picker, SELECTION, "10.0.0.2")).hasSize(3);
            picker.assertAtRest();
        }
    }

    @Test
    void envoyFollowsAndSaysWhoServed() throws Exception {
        try (var twins = TwinFleet.start(TwinSettings.DEFAULTS.withReplicas(3).withSpeedUp(20))) {
            var ports =
                    twins.replicas().stream().map(r -> r.address().getPort()).toList();
            var pods = ports.stream().map(port -> "127.0.0.1:" + port).toList();
            try (var picker = over(pods.toArray(String[]::new));
                    var envoy = RealEnvoy.start("override-host.yaml", picker.port(), ports, folder);
                    var clients = Executors.newFixedThreadPool(10)) {
                for (String pod : pods) {
                    assertThat(served(post(envoy, pod))).isEqualTo(pod);
                }
                for (int size = 1; size <= 3; size++) {
                    var pinned = pods.subList(0, size);
                    Callable<HttpResponse<String>> request = () -> post(envoy, String.join(",", pinned));
                    var seen = new ArrayList<String>();
                    for (var answer : clients.invokeAll(Collections.nCopies(100, request))) {
                        seen.add(served(answer.get()));
                    }
                    assertThat(seen).allMatch(pinned::contains).containsAll(pinned);
                }
                var get = http.send(
                        HttpRequest.newBuilder(URI.create(envoy.url() + "/v1/models"))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(pods).contains(served(get));
                picker.assertAtRest();
            }
        }
    }

    private static String served(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue(SERVED).orElse("");
    }

    private HttpResponse<String> post(RealEnvoy envoy, String selection) throws Exception {
        String model = TwinSettings.DEFAULTS.models().getFirst();
        return http.send(
                HttpRequest.newBuilder(URI.create(envoy.url() + "/v1/completions"))
                        .header("content-type", "application/json")
                        .header(SELECTION, selection)
                        .POST(BodyPublishers.ofString(COMPLETION.formatted(model)))
                        .build(),
                BodyHandlers.ofString());
    }
}
