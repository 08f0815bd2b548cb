package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Many clients that ask in all dialects, some of which leave early, and what became of each request. */
final class ChaosClients {
    private static final JsonMapper JSON = new JsonMapper();

    /** What a client saw of its request. */
    enum Ending {
        /** A good answer, with all that belongs to it. */
        WHOLE,
        /** The client left. */
        LEFT,
        /** An error in place of an answer. */
        REFUSED,
        /** An answer that told, by an error or by its framing, that it is not whole, or that nobody takes for one. */
        BROKEN,
        /** An answer that is not whole and looks so. */
        FALSE_END
    }

    record End(String request, Ending how, String detail) {}

    private final InetSocketAddress gateway;
    private final long seed;
    private final double leaving;
    private final Duration patience;
    private final AtomicInteger begun = new AtomicInteger();
    private final Map<Ending, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final Queue<End> errors = new ConcurrentLinkedQueue<>();

    /**
     * Creates clients of a gateway.
     *
     * @param leaving the share of requests whose client leaves early
     * @param patience how long one that stays waits for bytes: longer than all attempts and the wait for room together
     */
    ChaosClients(InetSocketAddress gateway, long seed, double leaving, Duration patience) {
        this.gateway = gateway;
        this.seed = seed;
        this.leaving = leaving;
        this.patience = patience;
    }

    int begun() {
        return begun.get();
    }

    /** Returns how many requests ended how. */
    Map<Ending, Integer> counts() {
        var all = new EnumMap<Ending, Integer>(Ending.class);
        for (var ending : Ending.values()) {
            all.put(ending, counts.getOrDefault(ending, new AtomicInteger()).get());
        }
        return all;
    }

    /** Returns the requests whose clients neither left nor got a whole answer. */
    Queue<End> errors() {
        return errors;
    }

    /** Sends so many requests by so many clients, and waits until all are over. */
    void run(int clients, int requests) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                // Of seeds that follow each other the generator makes much the same first numbers.
                var random = new Random(new SplittableRandom(seed + i).nextLong());
                threads.execute(() -> work(random, requests));
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(2, TimeUnit.HOURS)).isTrue();
        }
        assertThat(counts().values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(requests);
    }

    private void work(Random random, int requests) {
        while (true) {
            try (var client = Client.connect(gateway, random.nextInt(4) == 0 ? 4 << 10 : 0)
                    .patience(patience)) {
                do {
                    int number = begun.incrementAndGet();
                    if (number > requests) {
                        return;
                    }
                    var end = ask(client, "r-" + number, random);
                    counts.computeIfAbsent(end.how(), _ -> new AtomicInteger()).incrementAndGet();
                    if (end.how() != Ending.WHOLE && end.how() != Ending.LEFT) {
                        errors.add(end);
                    }
                    if (end.how() != Ending.WHOLE) {
                        break;
                    }
                } while (random.nextInt(10) > 0);
            } catch (IOException e) {
                throw new AssertionError("the gateway cannot be reached, seed " + seed, e);
            }
        }
    }

    private End ask(Client client, String request, Random random) {
        boolean stream = random.nextBoolean();
        int dialect = random.nextInt(4);
        boolean leaves = random.nextDouble() < leaving;
        try {
            String field = "x-request-id: " + request + "\r\n";
            client.post(
                    path(dialect), field, body(dialect, stream, request, random).getBytes(UTF_8));
            if (leaves) {
                leave(client, random);
                return new End(request, Ending.LEFT, "");
            }
            var head = client.responseHead();
            if (head.status() != 200) {
                return new End(
                        request,
                        Ending.REFUSED,
                        head.status() + " " + client.bodyOf(head).text());
            }
            return new End(request, ending(client, head, stream), stream ? "stream" : "whole");
        } catch (IOException | RuntimeException e) {
            return new End(request, leaves ? Ending.LEFT : Ending.BROKEN, e.toString());
        }
    }

    private static Ending ending(Client client, Http.Message head, boolean stream) throws IOException {
        String text;
        try {
            text = client.bodyOf(head).text();
        } catch (IOException | RuntimeException _) {
            return Ending.BROKEN; // its framing says so
        }
        if (!stream) {
            try {
                return JSON.readTree(text).has("usage") ? Ending.WHOLE : Ending.BROKEN;
            } catch (JacksonException _) {
                return Ending.BROKEN;
            }
        }
        if (text.contains("\"error\":{")) {
            return Ending.BROKEN;
        }
        // A stream that says why it stops has all its text, though its end mark may be missing.
        boolean whole = text.endsWith("data: [DONE]\n\n")
                || text.contains("event: message_stop")
                || text.contains("\"finish_reason\":\"");
        return whole ? Ending.WHOLE : Ending.FALSE_END;
    }

    private static String path(int dialect) {
        return switch (dialect) {
            case 0 -> "/v1/chat/completions";
            case 1 -> "/v1/completions";
            case 2 -> "/v1/responses";
            default -> "/v1/messages";
        };
    }

    /** No two are the same, so that none is refused for the deaths that another one met. */
    private static String body(int dialect, boolean stream, String request, Random random) {
        String text = "word ".repeat(random.nextInt(30)) + request;
        String most = (dialect == 2 ? "\"max_output_tokens\":" : "\"max_tokens\":") + (2 + random.nextInt(25));
        String prompt = switch (dialect) {
            case 1 -> "\"prompt\":\"" + text + "\"";
            case 2 -> "\"input\":\"" + text + "\"";
            default -> "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]";
        };
        return "{\"model\":\"m\",\"stream\":" + stream + "," + most + "," + prompt + "}";
    }

    /** Some want more bytes than there are, and would wait for them. */
    private static void leave(Client client, Random random) throws IOException {
        client.patience(Duration.ofSeconds(1));
        switch (random.nextInt(4)) {
            case 0 -> LockSupport.parkNanos(random.nextInt(20_000_000));
            case 1 -> client.responseHead();
            case 2 -> {
                client.responseHead();
                client.bytes(random.nextInt(300));
            }
            default -> {}
        }
        if (random.nextBoolean()) {
            client.reset();
        }
    }
}
