package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Clients of a {@link Fleet}, and what became of their requests. */
final class Crowd {
    /** About a second of prefill: an endpoint takes no second one before the first token. */
    static final int LONG = 19_200;

    final Fleet fleet;
    final List<Client> clients = new ArrayList<>();
    private long sessions;

    /** One request and what its sender was told. */
    static final class Client {
        final InferenceRequest request;

        @Nullable
        Ticket ticket;

        @Nullable
        RouteResult result;

        Client(InferenceRequest request) {
            this.request = request;
        }

        void told(RouteResult what) {
            assertThat(result).as("told twice").isNull();
            result = what;
        }

        boolean waits() {
            return result == null;
        }

        Reservation reservation() {
            return switch (result) {
                case RouteResult.Routed(var reservation) -> reservation;
                case null -> throw new AssertionError("waits");
                default -> throw new AssertionError(result);
            };
        }

        RefusalReason refusal() {
            return switch (result) {
                case RouteResult.Refused refused -> refused.reason();
                case null -> throw new AssertionError("waits");
                default -> throw new AssertionError(result);
            };
        }
    }

    Crowd(Fleet fleet) {
        this.fleet = fleet;
    }

    /** Sends a new session's prompt. */
    Client send(int tokens, Standing standing) {
        return send(new InferenceRequest("m", Fleet.prompt(++sessions, tokens), 100, null).with(standing, 1_000));
    }

    Client send(InferenceRequest request) {
        var client = new Client(request);
        clients.add(client);
        switch (fleet.router.admit(request, client::told)) {
            case RouteResult.Queued(var ticket) -> client.ticket = ticket;
            case RouteResult other -> client.told(other);
        }
        return client;
    }

    List<Client> send(int count, int tokens) {
        var sent = new ArrayList<Client>();
        for (int i = 0; i < count; i++) {
            sent.add(send(tokens, Standing.DEFAULT));
        }
        return sent;
    }

    void pass(Duration time) {
        fleet.now += time.toNanos();
        fleet.router.tick();
    }

    /** Lets all that is in flight have its first token and end, until nobody waits any more. */
    void drain() {
        int done = 0;
        for (int round = 0; done < clients.size(); round++) {
            assertThat(round).as("rounds").isLessThan(20 * clients.size() + 20);
            int before = done;
            for (var client : List.copyOf(clients)) {
                if (client.result instanceof RouteResult.Routed(var reservation) && reservation.settle(Usage.UNKNOWN)) {
                    done++;
                }
            }
            if (done == before) {
                done = (int) clients.stream().filter(client -> !client.waits()).count();
            }
            pass(Router.TICK);
        }
        checkEmpty();
    }

    /** Checks that nothing is left of what was sent. */
    void checkEmpty() {
        assertThat(fleet.router.waiting()).isZero();
        assertThat(fleet.pool.openReservations()).isZero();
        for (var endpoint : fleet.pool.endpoints()) {
            assertThat(endpoint.requests()).as(endpoint.name()).isZero();
            assertThat(endpoint.parked().requests()).as(endpoint.name()).isZero();
            assertThat(endpoint.parked().requestsBefore(true))
                    .as(endpoint.name())
                    .isZero();
            assertThat(endpoint.parked().prefillSeconds()).as(endpoint.name()).isEqualTo(0.0);
            assertThat(endpoint.kvTokensInUse(fleet.now)).as(endpoint.name()).isEqualTo(0.0);
            assertThat(endpoint.pendingPrefillTokens()).as(endpoint.name()).isZero();
        }
    }
}
