package dev.warmgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Connections to engines that are kept and used again. */
class PooledConnectionTest {
    @Test
    void aPooledConnectionThatTheEngineClosedNeverSurfaces() throws IOException {
        // Closes each connection after its first answer, without saying so; the close may come before or after the
        // gateway has written the next request.
        try (var engine = FakeEngine.start(call -> {
                    if (call.onConnection > 0) {
                        call.reset();
                    } else {
                        call.chat("ok");
                    }
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 1; i <= 50; i++) {
                assertThat(client.chat(i % 2 == 0).response().status()).isEqualTo(200);
                assertThat(client.get("/v1/thing").response().status()).isEqualTo(200);
                if (i % 5 == 0) {
                    engine.closeConnections();
                }
            }
            assertThat(gateway.reports()).allSatisfy(r -> {
                assertThat(r.outcome()).isEqualTo(Outcome.OK);
                assertThat(r.retries()).isZero();
            });
            assertThat(gateway.retries()).isEmpty();
            assertThat(gateway.endpoint(0).available()).isTrue();
        }
    }

    @Test
    void anEnginesWordOnConnectionsIsHeeded() throws IOException {
        var how = new String[] {"Connection: close\r\n", "Keep-Alive: timeout=5, max=2\r\n"};
        for (String field : how) {
            try (var engine = FakeEngine.start(call -> call.json(200, "{}", field));
                    var gateway = Gateway.start(engine.uri());
                    var client = gateway.client()) {
                for (int i = 1; i <= 4; i++) {
                    client.chat(false).response();
                    gateway.report(i);
                }
                assertThat(engine.connections()).isEqualTo(field.startsWith("Connection") ? 4 : 2);
            }
        }
    }

    @Test
    void aPooledConnectionWithUnaskedBytesIsNotUsedAgain() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                            + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.get("/v1/x").response().text()).isEqualTo("ok");
            }
        }
    }
}
