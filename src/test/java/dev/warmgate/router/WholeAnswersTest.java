package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests whose answers are not streamed: nobody hears when their prefill is over. */
class WholeAnswersTest {
    /** A twentieth of a second of prefill. */
    private static final int TOKENS = 960;

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Crowd crowd = new Crowd(new Fleet(1, "warm"));
    private final Endpoint endpoint = crowd.fleet.endpoint(0);
    private int sessions;

    private Crowd.Client send(boolean streamed) {
        return crowd.send(new InferenceRequest("m", Fleet.prompt(++sessions, TOKENS), 100, null).streamed(streamed));
    }

    private void sendOneASecond(int count, boolean streamed) {
        for (int i = 0; i < count; i++) {
            send(streamed);
            crowd.pass(SECOND);
        }
    }

    @Test
    void theirPrefillIsOverWhenTheClockSaysSo() {
        endpoint.prefillSecondsPerToken(PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN);
        sendOneASecond(60, false);
        assertThat(crowd.fleet.router.waiting()).isZero();
        assertThat(endpoint.inFlight()).isEqualTo(60);
    }

    @Test
    void behindPromptsWhoseFirstTokenIsLateOthersWait() {
        endpoint.prefillSecondsPerToken(PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN);
        sendOneASecond(60, true);
        assertThat(crowd.fleet.router.waiting()).isPositive();
    }

    @Test
    void anEndpointThatNeverToldItsSpeedIsNotTakenForASlowOne() {
        for (int i = 0; i < 60; i++) {
            send(false);
        }
        assertThat(crowd.fleet.router.waiting()).isZero();
    }

    @Test
    void anEndpointOfKnownSpeedTakesNoMoreThanItPrefillsInAMoment() {
        endpoint.prefillSecondsPerToken(PrefillSpeeds.DEFAULT_SECONDS_PER_TOKEN);
        for (int i = 0; i < 60; i++) {
            send(false);
        }
        assertThat(endpoint.inFlight()).isBetween(2, 4);
    }

    @Test
    void theyRunBesideOthersFromTheBeginning() {
        var whole = List.of(send(false), send(false), send(false));
        var streamed = send(true).reservation();
        streamed.firstToken();
        crowd.pass(SECOND);
        streamed.settle(new Usage(TOKENS, 0, 100));
        assertThat(streamed.company().answers()).isCloseTo(4, within(0.1));
        for (var client : whole) {
            client.reservation().firstToken();
            client.reservation().settle(new Usage(TOKENS, 0, 100));
            assertThat(client.reservation().company().answers()).isCloseTo(4, within(0.1));
        }
        // One streamed answer and three others were 100 tokens each in a second.
        var next = send(true).reservation();
        next.firstToken();
        crowd.pass(SECOND);
        assertThat(endpoint.answers().tokens(crowd.fleet.now)).isCloseTo(100, within(1.0));
        next.settle(Usage.UNKNOWN);
        crowd.checkEmpty();
    }

    @Test
    void oneThatEndsWithoutAnAnswerLeavesNothingBehind() {
        send(false).reservation().settle(Usage.UNKNOWN);
        crowd.pass(SECOND);
        assertThat(endpoint.answers().tokens(crowd.fleet.now)).isZero();
        crowd.checkEmpty();
    }
}
