package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When one endpoint takes a request, and which. */
class RoomTest {
    private static final int SHORT = 64;

    private final Crowd crowd = new Crowd(new Fleet(1, "warm"));
    private final List<Reservation> running = new ArrayList<>();

    /** Sends requests one after the other, whose answers begin at once. */
    private void send(int count) {
        crowd.fleet.endpoint(0).allowance().limit = 4;
        sendAll(count);
    }

    private void sendAll(int count) {
        for (int i = 0; i < count; i++) {
            crowd.send(1, SHORT);
            begin();
        }
    }

    private void begin() {
        for (var client : crowd.clients) {
            if (client.result instanceof RouteResult.Routed(var reservation) && !running.contains(reservation)) {
                reservation.firstToken();
                running.add(reservation);
            }
        }
    }

    private int inFlightAfterOneEnded() {
        running.removeFirst().settle(Usage.UNKNOWN);
        crowd.pass(Router.TICK);
        begin();
        return crowd.fleet.endpoint(0).inFlight();
    }

    @Test
    void moreThanTheLimitGoWhileThatLeavesNobodyWaiting() {
        send(6);
        assertThat(crowd.fleet.router.waiting()).isZero();
        assertThat(crowd.fleet.endpoint(0).inFlight()).isEqualTo(6);
    }

    @Test
    void whereManyWaitTheLimitIsKept() {
        send(20);
        int inFlight = 6;
        for (int i = 0; i < 10; i++) {
            inFlight = inFlightAfterOneEnded();
        }
        assertThat(inFlight).isEqualTo(4);
        assertThat(crowd.fleet.router.waiting()).isPositive();
    }

    // ---- how many are in flight

    /** Returns by how much the limit changes with an answer of 101 tokens that takes so long for each after the first. */
    private double change(double tpotSeconds) {
        var allowance = crowd.fleet.endpoint(0).allowance();
        allowance.limit = 50;
        var client = crowd.send(SHORT, new Standing(0, "t", "t", 1, Standing.NONE, 0.1, Standing.NONE));
        client.reservation().firstToken();
        crowd.pass(Duration.ofMillis(Math.round(tpotSeconds * 100_000)));
        client.reservation().settle(new Usage(SHORT, 0, 101));
        return allowance.limit - 50;
    }

    @Test
    void answersThatAreNearlyTooSlowCountOnlyWhereOthersAreTooSlow() {
        sendAll(40);
        assertThat(change(0.095)).isCloseTo(-1, within(1e-9));
        answersInTime();
        assertThat(change(0.095)).isCloseTo(0.05, within(1e-9));
        assertThat(change(0.101)).isCloseTo(-1, within(1e-9));
        assertThat(change(0.095)).isCloseTo(-1, within(1e-9));
        assertThat(change(0.087)).isCloseTo(0.05, within(1e-9));
        answersInTime();
        assertThat(change(0.095)).isCloseTo(0.05, within(1e-9));
    }

    private void answersInTime() {
        for (int i = 0; i < Room.WARY_ANSWERS; i++) {
            change(0.02);
        }
    }

    // ---- what an endpoint has to prefill

    @Test
    void shortPromptsGoTogetherButNotBehindALongOne() {
        crowd.send(10, Crowd.LONG / 40);
        assertThat(crowd.fleet.endpoint(0).inFlight()).isBetween(4, 6);
        var other = new Crowd(new Fleet(1, "warm"));
        other.send(1, Crowd.LONG / 4);
        other.send(2, SHORT);
        assertThat(other.fleet.router.waiting()).isEqualTo(2);
        other.drain();
        crowd.drain();
    }

    @Test
    void aLongPromptGoesWhenNothingMuchIsLeftBeforeIt() {
        var first = crowd.send(2, Crowd.LONG / 40);
        var second = crowd.send(1, Crowd.LONG).getFirst();
        assertThat(second.waits()).isTrue();
        first.getFirst().reservation().firstToken();
        crowd.pass(Router.TICK);
        assertThat(second.waits()).isFalse();
        crowd.drain();
    }

    // ---- who goes next

    /** Lets a prompt of a second's prefill wait for so long, then one of a tenth come; returns whether that goes first. */
    private boolean overtakes(Duration wait) {
        var before = crowd.send(1, 10 * Crowd.LONG).getFirst();
        var longer = crowd.send(1, Crowd.LONG).getFirst();
        crowd.pass(wait);
        var shorter = crowd.send(1, Crowd.LONG / 10).getFirst();
        assertThat(longer.waits() && shorter.waits()).isTrue();
        before.reservation().firstToken();
        crowd.pass(Router.TICK);
        assertThat(longer.waits()).isNotEqualTo(shorter.waits());
        boolean overtook = !shorter.waits();
        crowd.drain();
        return overtook;
    }

    @Test
    void theShorterPromptGoesFirst() {
        assertThat(overtakes(Duration.ofSeconds(3))).isTrue();
    }

    @Test
    void theLongerOneGoesFirstOnceItHasWaitedForFiveTimesItsPrefill() {
        assertThat(overtakes(Duration.ofSeconds(7))).isFalse();
    }
}
