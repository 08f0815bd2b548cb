package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Crowd.Client;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** For which prompts the KV cache of one endpoint has room. */
class KvRoomTest {
    private static final int CAPACITY = 100_000;

    private final Crowd crowd = new Crowd(
            new Fleet(AdmissionSettings.DEFAULT, CAPACITY, 1, Objects.requireNonNull(Policies.create(Policies.WARM))));

    private Client send(int session, int tokens) {
        return crowd.send(new InferenceRequest("m", Fleet.prompt(session, tokens), 100, null));
    }

    /** Sends a prompt whose answer runs on. */
    private Client run(int session, int tokens) {
        var client = send(session, tokens);
        client.reservation().firstToken();
        return client;
    }

    /** Attention makes the prefill of these tokens as long as that of 166,000 short ones, but they are 64,000. */
    @Test
    void aLongPromptTakesItsTokensAndNotWhatItsPrefillTakes() {
        run(1, 640);
        assertThat(send(2, 64_000).waits()).isFalse();
    }

    @Test
    void onlyOneOfTwoThatDoNotFitTogetherGoes() {
        run(1, 64_000);
        var other = send(2, 51_200);
        assertThat(other.waits()).isTrue();
        // With an answer of a hundred tokens, so that others look elsewhere.
        assertThat(parkedTokens()).isEqualTo(51_300);
        crowd.clients.getFirst().reservation().settle(Usage.UNKNOWN);
        crowd.pass(Router.TICK);
        assertThat(other.waits()).isFalse();
        assertThat(parkedTokens()).isZero();
    }

    @Test
    void aLittleMoreGoesWhereAnswersComeInTime() {
        run(1, 64_000);
        crowd.fleet.endpoint(0).allowance().limit = 255;
        var other = send(2, 38_400);
        assertThat(other.waits()).isTrue();
        crowd.fleet.endpoint(0).allowance().limit = 256;
        crowd.pass(Router.TICK);
        assertThat(other.waits()).isFalse();
    }

    @Test
    void whatRequestsInFlightUseAsWellIsCountedOnce() {
        run(1, 64_000);
        assertThat(send(1, 76_800).waits()).isFalse();
    }

    @Test
    void whatIsHeldButNobodyUsesIsCountedLikeNewTokens() {
        run(1, 57_600).reservation().settle(Usage.UNKNOWN);
        var other = run(2, 57_600);
        var again = send(1, 58_240);
        assertThat(again.waits()).isTrue();
        other.reservation().settle(Usage.UNKNOWN);
        crowd.pass(Router.TICK);
        assertThat(again.waits()).isFalse();
    }

    /** That others were too slow there is seen by the limit. */
    @Test
    void whereSomeWaitForLongAndAnswersAreTooSlowALongPromptWaitsForThem() {
        assertThat(goesAfter(Duration.ofSeconds(4), 255)).isTrue();
        assertThat(goesAfter(Duration.ofSeconds(6), 255)).isFalse();
        assertThat(goesAfter(Duration.ofSeconds(6), 256)).isTrue();
    }

    /** An answer that stalls does not take ever more by the clock. */
    @Test
    void anAnswerTakesNoMoreThanIsExpectedOfIt() {
        var first = run(1, 640);
        crowd.pass(Duration.ofSeconds(4));
        first.reservation().settle(new Usage(640, 0, 100));
        run(2, 64_000);
        crowd.pass(Duration.ofMinutes(20));
        assertThat(send(3, 32_000).waits()).isFalse();
    }

    private double parkedTokens() {
        return crowd.fleet.endpoint(0).parked().tokensBefore(false);
    }

    private boolean goesAfter(Duration time, double limit) {
        var client = waitsForALimit(time);
        crowd.fleet.endpoint(0).allowance().limit = limit;
        crowd.pass(Router.TICK);
        boolean goes = !client.waits();
        crowd.drain();
        return goes;
    }

    /** Has a long prompt wait for some time because one other request is as much as the endpoint may have in flight. */
    private Client waitsForALimit(Duration time) {
        run(crowd.clients.size() + 1, 640);
        crowd.fleet.endpoint(0).allowance().limit = 0.5;
        var client = send(crowd.clients.size() + 1, 51_200);
        crowd.pass(time);
        assertThat(client.waits()).isTrue();
        return client;
    }
}
