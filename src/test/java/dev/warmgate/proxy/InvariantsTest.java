package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.proxy.Gateway.Options;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    private static final int ENOUGH = 1_000;
    private static final long SECONDS = 6;

    private final long seed = Long.getLong("warmgate.seed", System.nanoTime());
    private final AtomicInteger wholeAnswers = new AtomicInteger();
    private final AtomicInteger falseEnds = new AtomicInteger();

    @Test
    void whateverHappensEverythingIsGivenBack() throws Exception {
        run(Options.DEFAULT);
    }

    /** The same where there is room for a few requests only, a few more may wait, not for long, and quotas are short. */
    @Test
    void whateverHappensWhileRequestsWaitEverythingIsGivenBack() throws Exception {
        var quotas = new Quotas(
                new InMemoryQuotaStore(System::nanoTime, InstantSource.system()),
                QuotaSpec.of(Map.of(
                        new QuotaScope.OfTenant("default"),
                        QuotaLimits.NONE
                                .with(QuotaKind.CONCURRENT_REQUESTS, 5)
                                .with(QuotaKind.TOKENS_PER_DAY, 1e12)
                                .with(QuotaKind.GPU_SECONDS_PER_DAY, 1e9))));
        var admission = new AdmissionSettings(true, Duration.ofMillis(100), 4, 1 << 20, List.of(), 2);
        var reports = run(Options.DEFAULT
                .kvTokens(100)
                .admission(admission)
                .access(new Access(new Tenancy(TenancySettings.DEFAULT), quotas, ModelRewrites.NONE)));

        for (var usage : quotas.usage()) {
            var state = usage.state();
            assertThat(state.held()).as("%s, seed %d", state.limit(), seed).isZero();
            assertThat(state.settledTotal() + state.refundedTotal())
                    .as("%s, seed %d", state.limit(), seed)
                    .isCloseTo(state.reservedTotal(), within(1e-6 * state.reservedTotal()));
        }
        assertThat(reports)
                .as("seed %d", seed)
                .extracting(report -> String.valueOf(report.admittance().refusal()))
                .contains("null", "quota", "flow-full", "expired");
        assertThat(reports)
                .as("seed %d", seed)
                .anyMatch(report ->
                        report.outcome() == Outcome.OK && report.admittance().queuedNanos() > 0)
                .anyMatch(report -> report.outcome() == Outcome.CLIENT_GONE
                        && report.admittance().queuedNanos() > 0
                        && report.decision() == null)
                .allMatch(report -> report.outcome() != Outcome.REFUSED
                        || report.admittance().refusal() != null);
    }

    private List<RequestReport> run(Options options) throws Exception {
        var scripts = new AtomicLong(seed);
        var timeouts = Gateway.timeouts(Duration.ofMillis(250), Duration.ofMillis(250), Duration.ofMillis(250));
        var health = new HealthPolicy(5, Duration.ofMillis(5), Duration.ofMillis(20));
        try (var one = FakeEngine.start(call -> misbehave(call, random(scripts.incrementAndGet())));
                var two = FakeEngine.start(call -> misbehave(call, random(scripts.incrementAndGet())));
                var gateway = Gateway.start(options.adjust(timeouts).health(health), one.uri(), two.uri());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            long latest = end + TimeUnit.SECONDS.toNanos(30); // on a machine that has much else to do
            for (int i = 0; i < CLIENTS; i++) {
                var random = random(seed + 1_000_000 + i);
                threads.execute(() -> {
                    while (System.nanoTime() < end
                            || (gateway.proxy().begun() <= ENOUGH && System.nanoTime() < latest)) {
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
            assertThat(gateway.reports().size()).as("requests, seed %d", seed).isGreaterThan(ENOUGH);
            assertThat(gateway.reports())
                    .as("seed %d", seed)
                    .extracting(report -> report.outcome())
                    .contains(Outcome.OK, Outcome.CLIENT_ERROR, Outcome.CLIENT_GONE, Outcome.ENDPOINT_ERROR)
                    .doesNotContain(Outcome.GATEWAY_ERROR);
            assertThat(wholeAnswers).as("seed %d", seed).hasPositiveValue();
            assertThat(falseEnds)
                    .as("cut answers that looked whole, seed %d", seed)
                    .hasValue(0);
            return List.copyOf(gateway.reports());
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
            switch (random.nextInt(18)) {
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
                case 11 -> wish(client, body, random).response();
                case 12 -> {
                    wish(client, body, random);
                    // Long enough for some to be in a queue and for others to be past it.
                    LockSupport.parkNanos(random.nextInt(30_000_000));
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

    private static Client wish(Client client, byte[] body, Random random) throws IOException {
        String fields = switch (random.nextInt(4)) {
            case 0 -> "x-warmgate-priority: " + -random.nextInt(3) + "\r\n";
            case 1 -> "x-request-timeout-ms: " + (1 + random.nextInt(300)) + "\r\n";
            case 2 -> "x-gateway-inference-fairness-id: " + random.nextInt(5) + "\r\n";
            default -> "";
        };
        return client.post("/v1/chat/completions", fields, body);
    }

    private static void leave(Client client, Random random) throws IOException {
        switch (random.nextInt(3)) {
            case 0 -> client.close();
            case 1 -> client.reset();
            default -> client.shutdownOutput();
        }
    }
}
