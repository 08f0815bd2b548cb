package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Thousands of requests among clients that leave, send nonsense or read slowly, and engines that reset, stall and close:
 * when all is over, nothing is held anywhere.
 */
class InvariantsTest {
    private static final int CLIENTS = 16;
    private static final long SECONDS = 10;

    private final long seed = Long.getLong("warmgate.seed", System.nanoTime());
    private final AtomicInteger wholeAnswers = new AtomicInteger();
    private final AtomicInteger falseEnds = new AtomicInteger();

    @Test
    void whateverHappensEverythingIsGivenBack() throws Exception {
        var scripts = new AtomicLong(seed);
        var timeouts = Gateway.timeouts(Duration.ofMillis(250), Duration.ofMillis(250), Duration.ofMillis(250));
        var health = new HealthPolicy(5, Duration.ofMillis(5), Duration.ofMillis(20));
        try (var one = FakeEngine.start(call -> misbehave(call, random(scripts.incrementAndGet())));
                var two = FakeEngine.start(call -> misbehave(call, random(scripts.incrementAndGet())));
                var gateway = Gateway.start(timeouts, health, one.uri(), two.uri());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            for (int i = 0; i < CLIENTS; i++) {
                var random = random(seed + 1_000_000 + i);
                threads.execute(() -> {
                    while (System.nanoTime() < end) {
                        try (var client = Client.connect(gateway.proxy().address(), 8 << 10)) {
                            behave(client, random);
                        } catch (IOException | RuntimeException e) {
                            // what a client sees of the chaos; the gateway's books are what counts
                        }
                    }
                });
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

            gateway.assertQuiet();
            await().untilAsserted(() -> assertThat(gateway.reports())
                    .as("seed %d", seed)
                    .hasSize((int) gateway.proxy().begun()));
            assertThat(gateway.reports().size()).as("requests, seed %d", seed).isGreaterThan(1_000);
            assertThat(gateway.reports())
                    .as("seed %d", seed)
                    .extracting(report -> report.outcome())
                    .contains(Outcome.OK, Outcome.CLIENT_ERROR, Outcome.CLIENT_GONE, Outcome.ENDPOINT_ERROR)
                    .doesNotContain(Outcome.GATEWAY_ERROR);
            assertThat(wholeAnswers).as("seed %d", seed).hasPositiveValue();
            assertThat(falseEnds)
                    .as("cut answers that looked whole, seed %d", seed)
                    .hasValue(0);
        }
    }

    /** Of seeds that follow each other, {@link Random} makes much the same first numbers. */
    private static Random random(long number) {
        return new Random(new SplittableRandom(number).nextLong());
    }

    private static void misbehave(FakeEngine.Call call, Random random) throws IOException {
        switch (random.nextInt(16)) {
            case 0 -> call.reset();
            case 1 -> call.close();
            case 2 -> call.awaitDeparture();
            case 3 -> {
                call.beginStream();
                call.token("cut");
                call.reset();
            }
            case 4 -> {
                call.raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort");
                call.close();
            }
            case 5 -> {
                call.beginStream();
                call.token("stall");
                call.awaitDeparture();
            }
            case 6 -> {
                call.raw("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n");
                call.raw(new byte[2_000_000]);
            }
            case 7 -> call.json(500, "{\"error\":\"mine\"}");
            case 8 -> call.raw("nonsense\r\n\r\n");
            case 9 -> {
                call.chat("and then closed");
                call.close();
            }
            case 10 -> {
                call.raw("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                call.close();
            }
            case 11 -> call.json(200, "{}", "Connection: close\r\n");
            case 12, 13 -> {
                call.beginStream();
                for (int i = random.nextInt(50); i >= 0; i--) {
                    call.token("t" + i);
                }
                call.endStream();
            }
            default -> call.chat("ok");
        }
    }

    private void behave(Client client, Random random) throws IOException {
        for (int i = random.nextInt(8); i >= 0; i--) {
            boolean stream = random.nextBoolean();
            byte[] body = Client.chatBody("m", stream).getBytes(UTF_8);
            switch (random.nextInt(14)) {
                case 0 -> {
                    client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: " + body.length + "\r\n\r\n");
                    client.send(Arrays.copyOf(body, random.nextInt(body.length)));
                    leave(client, random);
                    return;
                }
                case 1 -> {
                    client.chat(stream);
                    leave(client, random);
                    return;
                }
                case 2 -> {
                    client.chat(stream).responseHead();
                    leave(client, random);
                    return;
                }
                case 3 -> {
                    client.chat(stream).chat(stream).get("/v1/models");
                    leave(client, random);
                    return;
                }
                case 4 -> {
                    body[random.nextInt(body.length)] = (byte) random.nextInt(256);
                    client.post("/v1/chat/completions", "", body).response();
                }
                case 5 -> {
                    client.send("POST /v1/files HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                    if (random.nextBoolean()) {
                        leave(client, random);
                        return;
                    }
                    client.send("0\r\n\r\n").response();
                }
                case 6 -> {
                    client.send("POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")
                            .response();
                    return;
                }
                case 7 ->
                    client.post("/v1/messages", Client.chatBody("unknown", stream))
                            .response();
                case 8 -> {
                    client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 500\r\n\r\n{")
                            .response();
                    return;
                }
                case 9 ->
                    client.get(random.nextBoolean() ? "/v1/thing" : "/nothing").response();
                case 10 -> {
                    var head = client.get("/v1/thing").responseHead();
                    // A slow reader: chance decides whether it is given up, so there is nothing to wait for.
                    LockSupport.parkNanos(random.nextInt(100_000_000));
                    client.bodyOf(head);
                }
                default -> {
                    var answer = client.chat(stream).response();
                    boolean events = "text/event-stream".equals(answer.field("content-type"));
                    if (events && !answer.text().endsWith("data: [DONE]\n\n")) {
                        falseEnds.incrementAndGet();
                    }
                    wholeAnswers.incrementAndGet();
                }
            }
        }
    }

    private static void leave(Client client, Random random) throws IOException {
        switch (random.nextInt(3)) {
            case 0 -> client.close();
            case 1 -> client.reset();
            default -> client.shutdownOutput();
        }
    }
}
