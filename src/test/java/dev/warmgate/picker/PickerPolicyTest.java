package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.PluginChain;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.SessionAffinity;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a chain of plugins reads of a request and tells its client, through a gateway. */
class PickerPolicyTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String SELECTION = "test-epp-endpoint-selection";

    private static Options under(Filter filter) {
        var profile = new SchedulingProfile("default", Filter.numbered(filter), List.of(), Picker.MAX_SCORE);
        var spec = new ChainSpec("epp:test", List.of(profile), new ProfileHandler.Single(), null, InFlightLoad.DEFAULT);
        return new Options().policy(new PluginChain(spec));
    }

    @Test
    void aHeaderNamesWhoMayBeChosenAndWhoMayBeTriedAfterwards() {
        try (var picker =
                new PickerFixture(under(Filter.NamedByHeader.TEST_SELECTION).fallbacks(2))) {
            var call = picker.call().post(PATH, SELECTION, "10.0.0.2").body(CHAT, true);
            assertThat(call.destination()).isEqualTo("10.0.0.2:8000");
            call.reset();
            picker.report(1);
            var two = picker.call()
                    .post(PATH, SELECTION, "10.0.0.1:8000, [fd00::3]:8000")
                    .body(CHAT, true);
            assertThat(two.destination().split(",", -1)).containsExactlyInAnyOrder("10.0.0.1:8000", "[fd00::3]:8000");
            two.reset();
            picker.report(2);
            picker.assertAtRest();
        }
    }

    @Test
    void alsoForARequestThatIsNotUnderstood() {
        try (var picker = new PickerFixture(under(Filter.NamedByHeader.TEST_SELECTION))) {
            var call = picker.call().post("/v1/thing", SELECTION, "10.0.0.2");
            assertThat(call.destination()).isEqualTo("10.0.0.2:8000");
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void whereNobodyIsLeftTheAnswerIsThatThereAreTooManyRequests() {
        try (var picker = new PickerFixture(under(Filter.NamedByHeader.TEST_SELECTION))) {
            var call = picker.call().post(PATH).body(CHAT, true);

            var refused = call.next().getImmediateResponse();

            assertThat(refused.getStatus().getCode()).isEqualTo(429);
            assertThat(refused.getBody().toStringUtf8()).contains("filter-0");
            picker.ended(Outcome.REFUSED);
            picker.assertAtRest();
        }
    }

    @Test
    void whoReallyServedIsBookedThoughNoFilterWouldLeaveIt() {
        try (var picker = new PickerFixture(under(Filter.NamedByHeader.TEST_SELECTION))) {
            var call = picker.call().post(PATH, SELECTION, "10.0.0.1").body(CHAT, true);
            assertThat(call.destination()).isEqualTo("10.0.0.1:8000");
            call.forwarded();

            call.served("10.0.0.2:8000").responseHeaders(200, "application/json", false);

            assertThat(call.next().hasResponseHeaders()).isTrue();
            assertThat(picker.endpoint(1).inFlight()).isEqualTo(1);
            call.reset();
            picker.report(1);
            picker.assertAtRest();
        }
    }

    @Test
    void theClientIsToldItsEndpointAndComesBackToIt() {
        var affinity = new SessionAffinity(SessionAffinity.EncodedEndpointHeader.DEFAULT, "");
        try (var picker = new PickerFixture(under(affinity))) {
            var token = Base64.getEncoder().encodeToString("10.0.0.2:8000".getBytes(UTF_8));
            var call = picker.call().post(PATH, "x-session-token", token).body(CHAT, true);
            assertThat(call.destination()).isEqualTo("10.0.0.2:8000");
            call.forwarded();
            call.responseHeaders(200, "application/json", false);

            var told = call.next()
                    .getResponseHeaders()
                    .getResponse()
                    .getHeaderMutation()
                    .getSetHeadersList();

            assertThat(told).hasSize(1);
            assertThat(told.getFirst().getHeader().getKey()).isEqualTo("x-session-token");
            assertThat(told.getFirst().getHeader().getRawValue().toStringUtf8()).isEqualTo(token);
            call.reset();
            picker.report(1);
            picker.assertAtRest();
        }
    }
}
