package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.PluginChain;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.SessionAffinity;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a chain of plugins reads of a request and tells its client. */
class PolicyHeadersTest {
    private static final String SELECTION = "Test-EPP-Endpoint-Selection: ";

    private static Gateway.Options under(Filter filter) {
        var profile = new SchedulingProfile("default", Filter.numbered(filter), List.of(), Picker.MAX_SCORE);
        var spec = new ChainSpec("epp:test", List.of(profile), new ProfileHandler.Single(), null, InFlightLoad.DEFAULT);
        return Gateway.Options.DEFAULT.policy(() -> new PluginChain(spec));
    }

    @Test
    void aClientThatSaysItsTokenComesBackToItsEndpoint() throws IOException {
        var affinity = new SessionAffinity(SessionAffinity.EncodedEndpointHeader.DEFAULT, "");
        try (var first = FakeEngine.start(call -> call.chat("first"));
                var second = FakeEngine.start(call -> call.chat("second"));
                var gateway = Gateway.start(under(affinity), first.uri(), second.uri());
                var client = gateway.client()) {
            byte[] body = Client.chatBody("m", false).getBytes(UTF_8);
            var answer = client.post("/v1/chat/completions", "", body).response();
            var token = answer.field("x-session-token");
            assertThat(token).isNotNull();

            for (int n = 0; n < 6; n++) {
                var next = client.post("/v1/chat/completions", "X-Session-Token: " + token + "\r\n", body)
                        .response();
                assertThat(next.text()).isEqualTo(answer.text());
                assertThat(next.field("x-session-token")).isEqualTo(token);
            }
        }
    }

    @Test
    void whereFiltersLeaveNobodyThereIsNoRoomForTheRequest() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(under(Filter.NamedByHeader.TEST_SELECTION), engine.uri());
                var client = gateway.client()) {
            byte[] body = Client.chatBody("m", false).getBytes(UTF_8);
            var authority = engine.uri().getAuthority();

            for (var path : List.of("/v1/chat/completions", "/v1/thing")) {
                var named =
                        client.post(path, SELECTION + authority + "\r\n", body).response();
                assertThat(named.status()).isEqualTo(200);
                var refused = client.post(path, "", body).response();
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.field("x-llm-d-request-dropped-reason")).isEqualTo("filtered");
                assertThat(refused.field("retry-after")).isEqualTo("1");
                assertThat(refused.text()).contains("The filter filter-0 of the routing policy leaves no endpoint.");
            }
            assertThat(engine.requests()).hasSize(2);
        }
    }
}
