package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many requests one endpoint has in flight, whose limit is four. */
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
}
