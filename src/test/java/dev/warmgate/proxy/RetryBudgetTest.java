package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.HeldObjects;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.HealthPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryBudgetTest {
    private static final HealthPolicy NEVER_EJECTED =
            new HealthPolicy(1_000, Duration.ofMillis(1), Duration.ofMillis(1));

    @ParameterizedTest
    @CsvSource({
        // share, least, live requests, endpoints, limit
        "0.25, 10, 1000, 100, 250",
        "0.25, 10, 1000, 8, 250",
        "0.25, 10, 1000, 4, 500",
        "0.25, 10, 1000, 2, 1000",
        "0.25, 10, 1000, 1, 1000",
        "0.25, 10, 20, 100, 10",
        "0.05, 0, 101, 100, 6",
        "0, 3, 1000, 2, 3"
    })
    void aShareOfLiveRequestsOrWhatOneEndpointCarriesOrAFew(
            double share, int least, int live, int endpoints, int limit) {
        assertThat(new RetryRules(2, share, least).limit(live, endpoints)).isEqualTo(limit);
    }

    @Test
    void aPlaceIsFreeAgainWhenItIsGivenBack() {
        var budget = new Traffic(new RetryRules(2, 0, 2), new HeldObjects(1)).retries();
        assertThat(budget.take(8)).isTrue();
        assertThat(budget.take(8)).isTrue();
        assertThat(budget.take(8)).isFalse();
        assertThat(budget.refused()).isEqualTo(1);
        budget.giveBack();
        assertThat(budget.take(8)).isTrue();
        assertThat(budget.taken()).isEqualTo(2);
    }

    /** An engine that drops all it has does not get its whole load onto the other one at once. */
    @Test
    void requestsOnAFurtherAttemptAreBounded() throws Exception {
        var drop = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        try (var bad = FakeEngine.start(call -> {
                    drop.await();
                    call.reset();
                });
                var good = FakeEngine.start(call -> {
                    answer.await();
                    call.chat("ok");
                });
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT
                                .adjust(Gateway.retries(s -> s, new RetryRules(2, 0, 2)))
                                .health(NEVER_EJECTED),
                        bad.uri(),
                        good.uri())) {
            var clients = new ArrayList<Client>();
            try {
                for (int i = 0; i < 12; i++) {
                    clients.add(gateway.client().chat(false));
                }
                await().until(() ->
                        bad.requests().size() == 6 && good.requests().size() == 6);
                drop.countDown();
                await().until(() -> gateway.proxy().retriesRefused() == 4);
                assertThat(gateway.proxy().retrying()).isEqualTo(2);
                answer.countDown();
                var statuses = new ArrayList<Integer>();
                for (Client client : clients) {
                    statuses.add(client.response().status());
                }
                assertThat(statuses).containsOnly(200, 502);
                assertThat(statuses.stream().filter(status -> status == 502)).hasSize(4);
                assertThat(List.copyOf(gateway.retries()))
                        .containsOnly(FailureKind.RESET)
                        .hasSize(2);
                await().until(() -> gateway.proxy().retrying() == 0);
                await().untilAsserted(() -> assertThat(gateway.reports()).hasSize(12));
                assertThat(gateway.reports().stream().filter(report -> report.exposure() == Exposure.RETRY_SHARE))
                        .hasSize(4);
            } finally {
                drop.countDown();
                answer.countDown();
                for (Client client : clients) {
                    client.close();
                }
            }
        }
    }

    /** Where no connection is made no engine has worked: such attempts are free. */
    @Test
    void attemptsAfterRefusedConnectionsAreFree() throws IOException {
        var nobody = FakeEngine.start(call -> {});
        nobody.close();
        try (var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT
                                .adjust(Gateway.retries(s -> s, new RetryRules(1, 0, 0)))
                                .health(NEVER_EJECTED),
                        nobody.uri(),
                        good.uri());
                var client = gateway.client()) {
            for (int i = 0; i < 4; i++) {
                assertThat(client.chat(false).response().status()).isEqualTo(200);
            }
            assertThat(gateway.retries()).isNotEmpty().containsOnly(FailureKind.CONNECT);
            assertThat(gateway.proxy().retriesRefused()).isZero();
        }
    }

    /** More are dead than a request may be tried at that work, and the last one answers. */
    @Test
    void refusedConnectionsAreNotCountedAsAttempts() throws IOException {
        var dead = FakeEngine.start(call -> {});
        var more = FakeEngine.start(call -> {});
        var most = FakeEngine.start(call -> {});
        dead.close();
        more.close();
        most.close();
        try (var good = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT
                                .adjust(Gateway.retries(s -> s, new RetryRules(1, 0.25, 10)))
                                .health(NEVER_EJECTED),
                        dead.uri(),
                        more.uri(),
                        most.uri(),
                        good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(200);
            assertThat(gateway.report(1).retries()).isEqualTo(3);
        }
    }

    @Test
    void whoWantsNoFurtherAttemptsGetsNone() throws IOException {
        var dead = FakeEngine.start(call -> {});
        dead.close();
        try (var good = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(
                        Gateway.Options.DEFAULT.adjust(Gateway.retries(s -> s, new RetryRules(0, 0.25, 10))),
                        dead.uri(),
                        good.uri());
                var client = gateway.client()) {
            assertThat(client.chat(false).response().status()).isEqualTo(503);
            assertThat(gateway.report(1).exposure()).isEqualTo(Exposure.RETRIES_USED);
            assertThat(good.requests()).isEmpty();
        }
    }
}
