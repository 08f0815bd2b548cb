package dev.warmgate.twin.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Clients that leave at any moment leave nothing behind. */
class RudeClientsTest {
    private static final long SEED = 42;
    private static final int CLIENTS = 400;

    @Test
    void nothingIsLeftWhenTheLastOneIsGone() throws Exception {
        var settings = TwinSettings.DEFAULTS
                .withModels(List.of("tiny"))
                .withReplicas(2)
                .withSpeedUp(100);
        var random = new Random(SEED);
        try (var fleet = TwinFleet.start(settings);
                var executor =
                        Executors.newFixedThreadPool(16, Thread.ofVirtual().factory())) {
            var clients = new ArrayList<Future<?>>();
            for (int i = 0; i < CLIENTS; i++) {
                long seed = random.nextLong();
                TwinReplica replica = fleet.replica(i % 2);
                clients.add(executor.submit(() -> visit(replica, new Random(seed))));
                if (i % 100 == 50) {
                    replica.stall(true);
                    replica.resetAfter(random.nextInt(5));
                    replica.stall(false);
                }
            }
            for (Future<?> client : clients) {
                client.get();
            }
            for (TwinReplica replica : fleet.replicas()) {
                await("seed " + SEED).until(() -> replica.stats().connections() == 0);
                var stats = replica.stats().engine();
                assertThat(stats.running() + stats.waiting()).as("seed " + SEED).isZero();
                assertThat(stats.kvUsage()).as("seed " + SEED).isZero();
                assertThat(stats.aborts()).as("seed " + SEED).isPositive();
                assertThat(stats.successes()).as("seed " + SEED).isPositive();
            }
        }
    }

    private static void visit(TwinReplica replica, Random random) {
        try (var socket =
                new Socket(replica.address().getAddress(), replica.address().getPort())) {
            String body = "{\"model\":\"tiny\",\"max_tokens\":" + (1 + random.nextInt(300)) + ",\"stream\":"
                    + random.nextBoolean() + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "word ".repeat(random.nextInt(3000)) + "\"}]}";
            byte[] request = ("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .getBytes(US_ASCII);
            int sent = random.nextInt(5) == 0 ? random.nextInt(request.length) : request.length;
            socket.getOutputStream().write(request, 0, sent);
            if (sent == request.length) {
                switch (random.nextInt(3)) {
                    case 0 -> socket.getInputStream().readAllBytes();
                    case 1 -> socket.getInputStream().readNBytes(random.nextInt(2000));
                    default -> socket.setSoLinger(true, 0);
                }
            }
        } catch (IOException _) {
            // A reset that the test ordered.
        }
    }
}
