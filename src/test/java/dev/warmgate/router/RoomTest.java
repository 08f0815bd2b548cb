package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

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
